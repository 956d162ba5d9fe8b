"""Queries made to do harm, each with the ends it may come to: status and kind of problem."""

# ruff: noqa: E501 - a case a line is a table

from __future__ import annotations

from typing import Final

from tests.hostile import DRIP, ENDLESS, SILENT, STREAM, doubled

Outcome = tuple[int, str]

OK = (200, "")
TIME, MEMORY = (504, "query-timed-out"), (503, "query-too-costly")
SIZE, LARGE, SYNTAX = (400, "result-too-large"), (413, "query-too-large"), (400, "query-syntax")
FORBIDDEN = (400, "query-forbidden")
LATER = (200, "broken")
"""The answer begins, and is visibly not complete: a limit was reached on the way."""

PATH = "<http://x/p>"
TOWER = "SELECT * { ?a ?p ?b . " + "{ SELECT * { ?a ?p ?b . " * 40 + "} }" * 40 + " }"
LONG_VALUES = " ".join(map(str, range(9_000)))
COSTLY: Final[dict[str, tuple[str, set[Outcome]]]] = {
    "a regex that backtracks": (f'SELECT (REGEX(?s18, "^(x+)+$|(x*)*y") AS ?n) {{ BIND("x" AS ?s0) {" ".join(f"BIND(CONCAT(?s{n},?s{n}) AS ?s{n + 1})" for n in range(18))} }}', {OK, TIME}),
    "a regex too large to compile": ('SELECT (REGEX("x", "((((x{1,99}){1,99}){1,99}){1,99})") AS ?n) {}', {OK, MEMORY}),
    "a regex over everything": (f'{STREAM.replace("}", "")} . ?e ?r ?f FILTER(REGEX(CONCAT(STR(?a), STR(?d)), "(0+)+1$", "i") && ?a = ?d && ?a != ?d) }}', {TIME}),
    "strings that double": (doubled(40), {MEMORY, TIME}),
    "strings that grow by REPLACE": (doubled(14, 'REPLACE({0}, "x", "xxxxxxxx")'), {MEMORY, TIME}),
    "strings that grow by encoding": (doubled(24, 'ENCODE_FOR_URI(CONCAT({0}, {0}, "%"))'), {MEMORY, TIME}),
    "one string of everything": ("SELECT (STRLEN(GROUP_CONCAT(CONCAT(STR(?a), STR(?d)))) AS ?n) { ?a ?p ?b . ?c ?q ?d }", {MEMORY, TIME}),
    "a string for each": (f"SELECT ?a (GROUP_CONCAT(STR(?d); SEPARATOR='{'x' * 999}') AS ?n) {{ ?a ?p ?b . ?c ?q ?d }} GROUP BY ?a", {MEMORY, TIME}),
    "groups without number": ("SELECT ?a ?b ?c ?d (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d } GROUP BY ?a ?b ?c ?d", {MEMORY, TIME}),
    "a product counted": (ENDLESS, {TIME}),
    "a product sorted": (f"{STREAM} ORDER BY ?d ?b ?c ?a LIMIT 1", {MEMORY, TIME}),
    "a product made distinct": ("SELECT DISTINCT * { ?a ?p ?b . ?c ?q ?d } OFFSET 99999999", {MEMORY, TIME}),
    "a product streamed": (STREAM, {LATER}),
    "a product of graphs": ("CONSTRUCT { ?a ?b ?d } { ?a ?p ?b . ?c ?q ?d }", {LATER}),
    "a product searched": (SILENT, {TIME}),
    "rows that drip": (DRIP, {LATER, TIME, MEMORY}),
    "an offset beyond everything": (f"{STREAM} OFFSET 9223372036854775807", {TIME, OK}),
    "a limit beyond everything": (f"{STREAM} LIMIT 18446744073709551615", {LATER}),
    "a limit beyond numbers": (f"{STREAM} LIMIT {'9' * 50}", {SYNTAX}),
    "paths over paths": (f"SELECT (COUNT(*) AS ?n) {{ ?a ({PATH}*)* ?b . ?b ({PATH}|^{PATH})+ ?c . ?c {PATH}* ?d }}", {TIME}),
    "paths of many steps": (f"SELECT (COUNT(*) AS ?n) {{ ?a {'/'.join([PATH] * 50)} ?b }}", {TIME, MEMORY}),
    "paths nested": (f"SELECT (COUNT(*) AS ?n) {{ ?a {'(' * 40}{PATH}{'+)' * 40} ?b . ?b !{PATH}* ?c }}", {TIME, OK}),
    "paths of alternatives": (f"SELECT (COUNT(*) AS ?n) {{ ?a ({'|'.join([PATH] * 500)})/({'|'.join([PATH] * 500)}) ?b }}", {TIME, MEMORY, OK}),
    "values times values": (f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {LONG_VALUES} }} ?x ?p ?y . ?c ?q ?d }}", {TIME, MEMORY}),
    "values joined to nothing": (f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {LONG_VALUES} }} MINUS {{ VALUES ?a {{ 1 }} ?x ?p ?y . ?c ?q ?d }} }}", {TIME, MEMORY, OK}),
    "optionals in optionals": ("SELECT (COUNT(*) AS ?n) { ?a0 ?p ?b0 " + " ".join(f"OPTIONAL {{ ?a{n} ?p ?b{n + 1} . FILTER(?b{n} != ?b{n + 1})" for n in range(30)) + "}" * 31, {TIME, MEMORY}),
    "not exists, for each": ("SELECT (COUNT(*) AS ?n) { ?a ?p ?b FILTER NOT EXISTS { ?c ?p ?d . ?d ?p ?e FILTER(?c = ?e && ?c != ?e) } }", {TIME}),
    "exists in exists": ("SELECT (COUNT(*) AS ?n) { ?a ?p ?b " + "FILTER EXISTS { ?a ?p ?b . ?x ?y ?z " * 20 + "FILTER(?z = 1)" + "}" * 21, {TIME, OK}),
    "a tower of subqueries": (TOWER, {OK, TIME, LATER}),
    "a tower of products": ("SELECT (COUNT(*) AS ?n) {" + " ".join(f"{{ SELECT ?v{n} {{ ?v{n} ?p{n} ?o{n} }} }}" for n in range(60)) + "}", {TIME, MEMORY}),
    "minus after minus": ("SELECT (COUNT(*) AS ?n) { ?a ?p ?b " + "MINUS { ?a ?p ?b . ?c ?p ?d FILTER(?c = ?d) } " * 300 + "}", {TIME, OK, MEMORY}),
    "everything described": ("DESCRIBE * { ?a ?p ?b . ?c ?q ?d }", {TIME, MEMORY, OK, LATER}),
}  # fmt: skip
PARSED: Final[dict[str, tuple[str, set[Outcome]]]] = {
    "nested groups": ("SELECT * " + "{" * 10_000 + "}" * 10_000, {LARGE}),
    "nested brackets": ("SELECT * { FILTER(" + "(" * 40_000 + "1" + ")" * 40_000 + ") }", {LARGE}),
    "nested brackets, none closed": ("SELECT * { FILTER(" + "(" * 90_000, {LARGE}),
    "closed before they open": ("SELECT * " + "}" * 45_000 + "{" * 45_000, {LARGE, SYNTAX}),
    "nested lists": ("SELECT * { ?s ?p " + "(" * 5_000 + ")" * 5_000 + " }", {LARGE}),
    "signs in a row": ("SELECT * { FILTER(" + "!" * 50_000 + "1) }", {LARGE}),
    "signs with spaces": ("SELECT * { FILTER(" + "- \n" * 30_000 + "1) }", {LARGE}),
    "mixed signs": ("SELECT * { FILTER(" + "!-+" * 30_000 + "1) }", {LARGE}),
    "links of UNION": ("SELECT * { {}" + "UNION{}" * 100_000 + " }", {LARGE}),
    "links of OPTIONAL": ("SELECT * { " + "OPTIONAL{}" * 9_000 + " }", {LARGE}),
    "terms quoted": ("SELECT * { " + "<<" * 4_000 + " }", {LARGE}),
    "a megabyte": (f'SELECT * {{ BIND("{"x" * 1_000_000}" AS ?x) }}', {LARGE}),
    "three megabytes": (f'SELECT * {{ BIND("{"x" * 3_000_000}" AS ?x) }}', {LARGE}),
    "a word that never ends": ("SELECT * { " + "a" * 99_000, {SYNTAX}),
    "a string that never ends": ('SELECT * { ?s ?p """' + '\\"' * 45_000, {SYNTAX, LARGE}),
    "quotes": ("SELECT * { ?s ?p " + '"' * 99_000, {SYNTAX, LARGE}),
    "backslashes": ("SELECT * { ?s ?p " + "\\" * 99_000, {SYNTAX, LARGE}),
    "lines": ("SELECT * { " + "\n" * 99_000 + "bad", {SYNTAX}),
    "spaces": (" " * 99_000, {SYNTAX}),
    "a prologue": ("PREFIX x: <a:>" * 7_000, {SYNTAX, LARGE}),
    "a prologue of prefixes": (" ".join(f"PREFIX p{n}: <http://x/{n}>" for n in range(3_000)) + " ASK {}", {OK, LARGE, (406, "not-acceptable")}),
    "bytes that steer terminals": ("SELECT \x00\x1b[2J\u202e\ufeff * { }", {SYNTAX}),
    "a function that is not there": ("SELECT (<http://x/f>(1) AS ?x) {}", {FORBIDDEN}),
}  # fmt: skip
