// Everything that every page needs. Pages with more bring their own module through the import map.
import "studio/navigation";
import "studio/theme";
import "studio/toasts";
import "studio/menus";
import "studio/dialogs";
import "studio/panes";
import "studio/fields";
import "studio/forms";
import "studio/times";
import "studio/copy";
import "studio/rows";
import "studio/player";
import "studio/waveform";
import "studio/timeline";
import "studio/media-session";
import "studio/hotkeys";
