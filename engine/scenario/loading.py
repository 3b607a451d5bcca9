"""Load a scenario, gathering all that is wrong with it; and change one setting of a loaded one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.errors import Problem, ScenarioError
from engine.scenario.checks import KnownNames, cross_findings, name_findings
from engine.scenario.describe import nearest, show
from engine.scenario.document import VERSION, Scenario
from engine.scenario.findings import MOST_PROBLEMS, Finding, findings_of, problems_of
from engine.scenario.paths import changed_document
from engine.scenario.reading import read_text, read_yaml, shorten
from engine.scenario.schedule import Set

Sections = Mapping[str, type[BaseModel]]

MIND_PREFIX = "minds."
"""`sections["minds.script"]` is the model of that mind's settings; every other key names a module."""


def load_scenario(path: Path, sections: Sections | None = None, known: KnownNames | None = None) -> Scenario:
    """Load a scenario file.

    `sections` maps a module's name to the pydantic model of its settings; without it, what modules are set to is not
    checked. `known` holds the names that the program knows. ScenarioError: all that is wrong, each with its line.
    """
    return parse_scenario(read_text(path), str(path), sections, known)


def parse_scenario(
    text: str, origin: str, sections: Sections | None = None, known: KnownNames | None = None
) -> Scenario:
    """Make a scenario of YAML text; `origin` names it in errors. Otherwise as `load_scenario`."""
    root, noted = read_yaml(text, origin)
    scenario, findings = _validated(root.value, sections, known or KnownNames())
    places = {(problem.path, problem.line) for problem in noted}
    found = [one for one in problems_of(findings, root) if (one.path, one.line) not in places]
    problems = sorted([*noted, *found], key=lambda problem: problem.line or 0)
    if scenario is None or problems:
        raise ScenarioError(origin, problems)
    return scenario.read_from(origin, root)


def check_names(
    scenario: Scenario,
    *,
    appeals: Collection[str] | None = None,
    actions: Collection[str] | None = None,
    minds: Collection[str] | None = None,
    goods: Collection[str] | None = None,
    traits: Collection[str] | None = None,
) -> tuple[Problem, ...]:
    """Return a problem for each name in a scenario that is not among the known ones; None leaves a sort unchecked."""
    given = (appeals, actions, minds, goods, traits)
    known = KnownNames(*(None if names is None else frozenset(names) for names in given))
    findings = name_findings(scenario, known, frozenset(Scenario.model_fields))
    return tuple(problems_of(findings, scenario.origin.root))


def set_path(
    scenario: Scenario, path: str, value: str, sections: Sections | None = None, known: KnownNames | None = None
) -> Scenario:
    """Return the scenario with one setting changed, such as `modules.goods.regrowth` to `5`.

    Entries of lists are named by index (`places[2].capacity`) or by name (`places.market.capacity`); `value` is YAML.
    ScenarioError: there is no such path, or the scenario would no longer be sound.
    """
    return set_paths(scenario, [(path, value)], sections, known)


def set_paths(
    scenario: Scenario,
    changes: Sequence[tuple[str, str]],
    sections: Sections | None = None,
    known: KnownNames | None = None,
) -> Scenario:
    """Return the scenario with several settings changed together; otherwise as `set_path`."""
    document: dict[str, Any] = scenario.document()
    for path, value in changes:
        origin = shorten(f"{path}={value}", 200)
        try:
            node, problems = read_yaml(value, origin)
        except ScenarioError as error:
            node, problems = None, list(error.problems)
        if node is None or problems:  # a line number would be the value's own, and mislead
            raise ScenarioError(origin, [replace(problem, path=shorten(path), line=None) for problem in problems])
        document = changed_document(document, path, node.value, origin)
    changed, findings = _validated(document, sections, known or KnownNames())
    problems = problems_of(findings, None)
    if changed is None or problems:
        raise ScenarioError(shorten(", ".join(f"{path}={value}" for path, value in changes), 200), problems)
    return changed.read_from(scenario.origin.name, scenario.origin.root)


def _validated(
    data: object, sections: Sections | None, known: KnownNames, check_sets: bool = True
) -> tuple[Scenario | None, list[Finding]]:
    """Return the scenario, None if a section is unsound, and everything that was found wrong with the data."""
    if not isinstance(data, dict):
        what = "is empty" if data is None else f"is {show(data)}, not a scenario"
        return None, [Finding((), what, "begin with `sociarium: 1` and `name: ...`")]
    version = data.get("sociarium")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        what = f"is {show(version)}: this scenario was made for a newer program"
        return None, [Finding(("sociarium",), what, f"update the program, or write version {VERSION}")]
    if type(version) is not int or version != VERSION:
        what = "is missing" if "sociarium" not in data else f"is {show(version)}, which is no version"
        findings = [Finding(("sociarium",), what, f"write `sociarium: {VERSION}`")]
    else:
        findings = []
    modules, module_findings = _modules(data.get("modules", {}), sections)
    findings += module_findings
    scenario, sound, section_findings = _sections({**data, "sociarium": VERSION, "modules": modules})
    findings += section_findings
    if module_findings:
        sound -= {"modules"}
    findings += _mind_settings(scenario, sound, sections)
    findings += cross_findings(scenario, sound)
    findings += name_findings(scenario, known, sound)
    if not findings and check_sets:
        findings += _set_events(scenario, sections, known)
    return (None if findings else scenario), findings


def _sections(data: dict[str, Any]) -> tuple[Scenario, frozenset[str], list[Finding]]:
    """Return a scenario of all sections that are sound (defaults for the others), their names, and the findings."""
    names = frozenset(Scenario.model_fields)
    try:
        return Scenario.model_validate(data), names, []
    except ValidationError as error:
        details = error.errors(include_url=False)
        findings = findings_of(details, Scenario, data, ())
        unsound = {str(detail["loc"][0]) for detail in details if detail["loc"]}
    kept = {key: value for key, value in data.items() if key in names - unsound}
    return Scenario.model_validate({"name": "unnamed", **kept}), names - unsound, findings


def _modules(data: object, sections: Sections | None) -> tuple[dict[str, object], list[Finding]]:
    """Return the settings of the modules that are on."""
    if data is None:
        return {}, []
    if not isinstance(data, dict):
        return {}, [Finding(("modules",), f"is {show(data)}, not a mapping", "write `name: {}` lines, one a module")]
    modules: dict[str, object] = {}
    findings: list[Finding] = []
    known = sorted(name for name in sections or {} if not name.startswith(MIND_PREFIX))
    for name, given in data.items():
        if len(findings) > MOST_PROBLEMS:
            break
        place = ("modules", name)
        if sections is not None and name not in known:
            findings.append(Finding(place, f"there is no module `{shorten(str(name), 40)}`", nearest(name, known)))
            continue
        if given is False:
            continue
        settings = {} if given is None or given is True else given
        if not isinstance(settings, dict):
            findings.append(Finding(place, f"is {show(given)}", "write its settings, {} for its defaults, or false"))
            continue
        if sections is None:
            modules[name] = settings
            continue
        try:
            modules[name] = sections[name].model_validate(settings)
        except ValidationError as error:
            findings += findings_of(error.errors(include_url=False), sections[name], settings, place)
    return modules, findings


def _mind_settings(scenario: Scenario, sound: frozenset[str], sections: Sections | None) -> list[Finding]:
    findings: list[Finding] = []
    if sections is None or "cognition" not in sound:
        return findings
    for index, mind in enumerate(scenario.cognition.minds):
        model = sections.get(MIND_PREFIX + mind.mind)
        if model is None:
            continue
        try:
            model.model_validate(mind.settings)
        except ValidationError as error:
            findings += findings_of(
                error.errors(include_url=False), model, mind.settings, ("cognition", "minds", index, "settings")
            )
    return findings


def _set_events(scenario: Scenario, sections: Sections | None, known: KnownNames) -> list[Finding]:
    """Check scheduled changes of settings by making them all, once."""
    findings: list[Finding] = []
    document = scenario.document()
    paths: dict[str, int] = {}
    for index, event in enumerate(scenario.events):
        if not isinstance(event, Set):
            continue
        if not event.path.startswith("modules."):
            what = f"is `{shorten(event.path)}`, which cannot change during a run"
            findings.append(Finding(("events", index, "path"), what, "name a setting below `modules.`"))
            continue
        try:
            document = changed_document(document, event.path, event.value, event.path)
        except ScenarioError as error:
            findings += [Finding(("events", index, "path"), one.what, one.mend) for one in error.problems]
        paths[event.path] = index
    if not paths or findings:
        return findings
    _, wrong = _validated(document, sections, known, check_sets=False)
    last = max(paths.values())
    for one in wrong:
        place = ".".join(str(part) for part in one.location)
        plain = {path.replace("[", ".").replace("]", ""): number for path, number in paths.items()}
        index = plain.get(place, last)
        findings.append(Finding(("events", index, "value"), f"{place} {one.what}", one.mend))
    return findings
