"""Steps side by side: all of them pass, or the first failure is named and ends the rest."""

import sys

from lanes import Run, Step


def python(name: str, code: str, **options) -> Step:
    """A step that runs a line of Python."""
    return Step(name, [sys.executable, "-c", code], **options)


def test_closing_line_of_a_passed_step_is_shown(capfd):
    run = Run()
    run.lanes([python("first", "print('a'); print('closing')", shown=1)], [python("second", "print('quiet')")])
    said = capfd.readouterr().out
    assert run.failed is None
    assert "closing" in said
    assert "quiet" not in said
    assert "\na\n" not in said


def test_failure_is_named_shown_and_ends_the_other_lane(capfd, tmp_path):
    waits = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); signal.pause()"
    started = tmp_path / "started"
    endless = Step("endless", [sys.executable, "-c", waits, str(started)])
    fails = "import pathlib, sys\nwhile not pathlib.Path(sys.argv[1]).exists(): pass\nsys.exit('the reason')"
    failing = Step("failing", [sys.executable, "-c", fails, str(started)])
    run = Run()
    run.lanes([endless, python("never", "print('never')")], [failing])
    run.lanes([python("later", "print('later')")])
    said = capfd.readouterr().out
    assert run.failed == "failing"
    assert "the reason" in said
    assert "never" not in said
    assert "later" not in said


def test_quick_steps_all_say_their_word(capfd):
    run = Run()
    run.lanes([python("bad", "raise SystemExit('one')"), python("worse", "raise SystemExit('two')")], to_the_end=True)
    said = capfd.readouterr().out
    assert run.failed == "bad, worse"
    assert "one" in said
    assert "two" in said
