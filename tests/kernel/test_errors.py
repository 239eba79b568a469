from throughline.kernel.errors import Refused, Transient


def test_refusal_says_what_is_wrong_and_what_to_do():
    assert str(Refused("It is shut.", remedy="Open it.")) == "It is shut. Open it."
    assert str(Refused("It is shut.")) == "It is shut."


def test_transient_failure_keeps_how_long_to_wait():
    assert Transient("slow", retry_after_s=2.5).retry_after_s == 2.5
    assert Transient("slow").retry_after_s is None
