from cfit_graph import cli, errors
from cfit_graph.texts import PROBLEMS
from cfit_graph.web import problems


def _all(kind: type[errors.CfitError]) -> set[type[errors.CfitError]]:
    return {kind}.union(*map(_all, kind.__subclasses__()))


ALL = _all(errors.CfitError) - {errors.CfitError}


def test_every_error_has_an_http_status_and_a_title() -> None:
    assert set(problems.STATUS) == ALL
    assert {kind for _, kind in problems.STATUS.values()} <= PROBLEMS.keys()


def test_every_error_has_an_exit_code() -> None:
    assert set(cli.EXIT) == ALL
    assert set(cli.EXIT.values()) == {1, 2, 3}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__
    assert {error.__name__ for error in ALL} == {
        word for line in errors.__doc__.splitlines() if "──" in line for word in [line.split("── ")[1].split()[0]]
    }
