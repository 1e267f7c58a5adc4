"""Every address of the studio."""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from studio.views import (
    account,
    clip,
    compose,
    connections,
    credits,
    health,
    helpers,
    home,
    library,
    media,
    offers,
    personas,
    recipes,
    recordings,
    sources,
    tasks,
    team,
    webhooks,
)

# Those of allauth's pages that the studio uses: a page that nobody styled or thought through has no address.
DOORS = [
    path("login/", account.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        "2fa/recovery-codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("welcome", account.welcome, name="welcome"),
    path("healthz", health.healthz, name="healthz"),
    # compose
    path("create", compose.create, name="create"),
    path("create/panel", compose.panel, name="compose_panel"),
    path("create/check", compose.check, name="check_recipe"),
    path("create/source", compose.set_source, name="set_source"),
    path("create/sources", sources.source_picker, name="source_picker"),
    path("create/helper", helpers.helper, name="helper"),
    path("create/helper/ask", helpers.ask, name="ask_helper"),
    path("create/helper/<uuid:code>", helpers.answer, name="helper_answer"),
    path("create/draft", compose.save_draft, name="save_draft"),
    path("create/draft/reset", compose.reset_draft, name="reset_draft"),
    # tasks
    path("tasks", tasks.start_task, name="start_task"),
    path("tasks/running", tasks.running, name="running"),
    path("tasks/<uuid:code>", tasks.task, name="task"),
    path("tasks/<uuid:code>/cancel", tasks.cancel_task, name="cancel_task"),
    path("tasks/<uuid:code>/retry", tasks.retry_task, name="retry_task"),
    path("tasks/<uuid:code>/resolve", tasks.resolve_task, name="resolve_task"),
    # library
    path("library", library.library, name="library"),
    path("clips/<uuid:code>", clip.clip, name="clip"),
    path("clips/<uuid:code>/detail", clip.detail, name="clip_detail"),
    path("clips/<uuid:code>/menu", sources.clip_menu, name="clip_menu"),
    path("clips/<uuid:code>/words", sources.window_words, name="window_words"),
    path("clips/<uuid:code>/preview", media.preview, name="clip_preview"),
    path("clips/<uuid:code>/peaks.json", media.peaks, name="clip_peaks"),
    path("clips/<uuid:code>/lyrics.<slug:kind>", clip.lyrics_file, name="clip_lyrics"),
    path("clips/<uuid:code>/download/<slug:kind>", media.download, name="clip_download"),
    path("clips/<uuid:code>/notes/<int:instrument>", clip.note_list, name="clip_notes"),
    path("clips/<uuid:code>/stems-<slug:group>.zip", media.stems_zip, name="clip_stems"),
    path("media/<uuid:code>", media.asset, name="media"),
    path("shared/<str:token>/<str:name>", media.shared_file, name="shared_file"),
    path("hooks/<str:token>", webhooks.webhook, name="webhook"),
    # voices and recordings
    path("voices", personas.personas, name="personas"),
    path("voices/<uuid:code>/rename", personas.rename_persona, name="rename_persona"),
    path("voices/<uuid:code>/retire", personas.retire_persona, name="retire_persona"),
    path("recordings", recordings.recordings, name="recordings"),
    path("recordings/<uuid:code>/audio", recordings.audio, name="recording_audio"),
    path("recordings/<uuid:code>/rename", recordings.rename_recording, name="rename_recording"),
    path("recordings/<uuid:code>/delete", recordings.delete_recording, name="delete_recording"),
    # recipes
    path("recipes", recipes.recipes, name="recipes"),
    path("recipes.json", recipes.recipes_file, name="recipes_file"),
    path("recipes/import", recipes.import_recipes, name="import_recipes"),
    path("recipes/<uuid:code>.json", recipes.recipe_file, name="recipe_file"),
    path("recipes/<uuid:code>/change", recipes.change_recipe, name="change_recipe"),
    path("recipes/<uuid:code>/delete", recipes.delete_recipe, name="delete_recipe"),
    path("tasks/<uuid:code>/keep", recipes.keep_recipe, name="keep_recipe"),
    # team
    path("team", team.team, name="team"),
    path("team/rename", team.rename_team, name="rename_team"),
    path("team/switch", team.switch_team, name="switch_team"),
    path("team/open", team.open_team, name="open_team"),
    path("team/leave", team.leave_team, name="leave_team"),
    path("team/invitations", team.invite, name="invite"),
    path("team/invitations/<uuid:code>/revoke", team.revoke_invitation, name="revoke_invitation"),
    path("team/members/<uuid:code>/role", team.change_role, name="change_role"),
    path("team/members/<uuid:code>/remove", team.remove_member, name="remove_member"),
    path("join/<str:token>", team.join, name="join"),
    # settings
    path("settings", account.settings, name="settings"),
    path("settings/connections", connections.add_connection, name="add_connection"),
    path("settings/connections/<uuid:code>/check", connections.check_connection, name="check_connection"),
    path("settings/connections/<uuid:code>/default", connections.make_default, name="make_default"),
    path("settings/connections/<uuid:code>/key", connections.replace_key, name="replace_key"),
    path("settings/connections/<uuid:code>/retire", connections.retire_connection, name="retire_connection"),
    path(
        "settings/connections/<uuid:code>/operations",
        offers.connection_operations,
        name="connection_operations",
    ),
    path(
        "settings/connections/<uuid:code>/operations/<str:name>", offers.set_operation, name="set_operation"
    ),
    path("settings/connections/<uuid:code>/grant", credits.grant, name="grant_credits"),
    # credits
    path("usage", credits.usage, name="usage"),
    path("usage.csv", credits.usage_csv, name="usage_csv"),
    # doors of others
    path("accounts/", include(DOORS)),
    path("admin/", admin.site.urls),
]

if settings.OFFLINE_HTTP_IS_ON:
    urlpatterns.append(path("offline/", include("studio.offline.urls")))
