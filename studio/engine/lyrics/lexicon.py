"""The words that are rarely stressed, and how little, 0..1."""

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
