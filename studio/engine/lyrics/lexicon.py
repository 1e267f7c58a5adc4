"""What the spelling rules get wrong, and the words that are rarely stressed."""

FUNCTION_WORDS = {
    **dict.fromkeys("a an the of to".split(), 0.05),
    **dict.fromkeys(
        "and or as at in on by for from with is are was were am be been its if than".split(), 0.15
    ),
    **dict.fromkeys("i me my we us our you your he him his she her it they them their".split(), 0.3),
    **dict.fromkeys("im ive ill id youre youve youll were theyre thats its dont cant".split(), 0.4),
    **dict.fromkeys(
        "but so do did does has have had will would can could shall should may might".split(), 0.3
    ),
    **dict.fromkeys(
        "that this there then when where who what how which while till like just up out".split(), 0.4
    ),
}

FINAL_STRESS = frozenset(
    """about above across afraid again against ago ahead alive alone along aloud amaze among apart around arrive
    asleep away awake because become before began begin begun behind believe belong below beneath beside between
    beyond collide complete control decide deny desire destroy divine enough escape explain explode express forget
    forgive forgot goodbye guitar hello hotel ignite inside instead itself july machine myself himself herself
    yourself outside perhaps police pretend prepare reason_ receive relax release remain remind repair replace
    reply return reveal review surprise tonight today towards unfold until unknown upon within without japan
    champagne balloon cartoon parade regret respect result retreat define delight direct disguise divide surround
    survive suppose support sustain tattoo taboo bouquet ballet cafe canoe cliche create""".split()
)

SECOND_STRESS = frozenset(
    """forever remember tomorrow together another already however whatever whenever wherever whoever
    forgotten beginning believing completely desire_ december september november october imagine eleven
    umbrella banana guitarist surrender survivor horizon electric eternal emotion devotion condition
    abandon adventure deliver discover develop consider continue computer connection direction election
    explosion invisible familiar example existence potato tomato piano vanilla magnolia ocean_""".split()
)

# Splits the rules cannot find; the letters must join to the word exactly.
SPLITS = {
    text.replace("-", ""): text
    for text in """ev-ery ev-ery-thing ev-ery-one ev-ery-bod-y ev-ery-where ev-ery-day lone-ly love-ly home-less
    some-times some-one some-thing some-where some-how some-bod-y hope-ful hope-less love-less use-less care-ful
    fire-fly fire-light fire-works life-time side-walk time-less name-less home-town home-sick whole-some
    some-day here-by be-fore there-fore more-o-ver o-ver there-in where-ev-er when-ev-er what-ev-er for-ev-er
    ev-er nev-er riv-er cov-er lov-er fev-er a-live shoe-less heav-en sev-en e-leven e-ven-ing sil-ver be-lieve
    peo-ple i-de-a re-al re-al-ly cre-ate cre-at-ed po-et po-em di-a-mond vi-o-lin qui-et sci-ence so-ci-e-ty
    be-ing see-ing do-ing go-ing say-ing play-ing fly-ing cry-ing dy-ing try-ing ly-ing ra-di-o stu-di-o
    pi-a-no li-on ru-in flu-id du-et mu-se-um on-ion mil-lion an-gel dan-ger chang-es voic-es fac-es plac-es
    busi-ness wednes-day choc-o-late cam-er-a com-fort-a-ble veg-e-ta-ble in-ter-est dif-ferent fam-i-ly
    gen-er-al mem-o-ry his-to-ry mys-ter-y bat-ter-y fa-vour-ite fa-vor-ite tem-per-a-ture rhy-thm pris-m
    beau-ti-ful beau-ty safe-ty state-ment move-ment pave-ment ca-fe ca-noe a-cre wick-ed na-ked sa-cred
    nine-teen nine-ty be-lov-ed crook-ed rug-ged bless-ed an-swered ques-tion fash-ion re-li-gion re-gion cour-age sav-age
    in-side out-side be-side fore-head name-sake clothes eyes hours our fire-side de-sires wire-less spaces_""".split()
    if not text.endswith("_")
}
