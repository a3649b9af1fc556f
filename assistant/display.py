"""How answers look on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.cases import SimilarCases
from assistant.checklist import Checklist
from assistant.hazard_source import HazardSource
from assistant.models import NATURE_LABELS, NOT_GROUNDS, SEVERITY_LABELS, Answer, CaseOut, ProvisionOut, words_of, yuan
from assistant.thresholds import ThresholdOut
from assistant.worksheet import PenaltyWorksheet
from kg_build.forms import KIND_LABELS

SHOWN = 8


def show_answer(answer: Answer, console: Console) -> None:
    """Print an answer."""
    _notices(answer.notices, console)
    if answer.understood:
        console.print("[dim]识别到：" + escape("；".join(answer.understood)) + "[/dim]")
    if answer.nearest:
        if answer.nearest.subjects:
            console.print(f"资料库里相近的主题：{escape('、'.join(answer.nearest.subjects))}。")
        console.print(f"\n{NOT_GROUNDS}")
        _provisions(answer.nearest.provisions, console)
        return
    console.print(f"\n[bold]依据[/bold]（{answer.as_of} 的法律）")
    _provisions(answer.provisions[:SHOWN], console)
    if len(answer.provisions) > SHOWN:
        console.print(f"[dim]另有 {len(answer.provisions) - SHOWN} 条，用 --json 查看全部。[/dim]")
    if answer.checks:
        console.print("\n[bold]该查什么[/bold]")
        for check in answer.checks[:5]:
            console.print(f"· {escape(check.ask)} [dim]{check.scene}·{SEVERITY_LABELS[check.severity]}[/dim]")
    if answer.cases:
        console.print("\n[bold]类似案例[/bold]")
        for case in answer.cases[:3]:
            _case(case, console)


def _provisions(provisions: Sequence[ProvisionOut], console: Console) -> None:
    for number, provision in enumerate(provisions, 1):
        text, which = words_of(provision)
        flags = [NATURE_LABELS[provision.nature], *(["重大事故隐患判定"] if provision.major_hazard else [])]
        flags += [] if provision.in_force else ["不在施行"]
        heading = f" {provision.heading}" if provision.heading else ""
        console.print(f"{number}. [bold]{escape(provision.citation)}[/bold]{escape(heading)} [dim]{'·'.join(flags)}[/dim]")
        console.print(f"   {which}：{escape(text)}")
        if provision.note:
            console.print(f"   [yellow]注意：{escape(provision.note)}[/yellow]")
        console.print(f"   [dim]为什么：{escape(provision.why)}[/dim]")


def _notices(notices: Iterable[str], console: Console, lead: str = "") -> None:
    for notice in notices:
        console.print(f"[yellow]{lead}{escape(notice)}[/yellow]")


def _case(case: CaseOut, console: Console) -> None:
    cost = [f"罚款{yuan(case.amount)}"] if case.amount is not None else []
    cost += [f"死亡{case.deaths}人"] if case.deaths else []
    when = f"{case.date} " if case.date else ""
    console.print(f"· [bold]{escape(case.title)}[/bold] [dim]{when}{escape(case.region)} {'，'.join(cost)}[/dim]")
    if case.violated:
        console.print(f"  违反：{escape('、'.join(p.citation for p in case.violated))}")
    if case.corresponds:
        console.print(f"  对应现行条款（我们的对照）：{escape('、'.join(p.citation for p in case.corresponds))}")
    console.print(f"  教训：{escape(case.lesson)}")


def show_cases(found: SimilarCases, console: Console) -> None:
    """Print similar cases."""
    _notices(found.notices, console)
    for case in found.cases:
        _case(case, console)
        console.print(
            f"  [dim]来源：{escape(case.source.publisher)}《{escape(case.source.title)}》{case.source.url or ''}[/dim]"
        )
    if found.cases:
        console.print(f"\n{escape(found.amounts)}")
    if found.common:
        console.print("[bold]共同涉及[/bold]")
        for common in found.common:
            text, which = words_of(common.provision)
            console.print(f"· {escape(common.provision.citation)}（{common.cases} 件）{which}：{escape(text)}")


def show_checklist(made: Checklist, console: Console) -> None:
    """Print a checklist."""
    _notices(made.notices, console)
    console.print(f"[bold]{escape(made.title)}[/bold]  {made.as_of}  共 {made.total} 项，重大事故隐患 {made.major} 项")
    for line in made.conclusions:
        console.print(f"[dim]{escape(line)}[/dim]")
    for group in made.groups:
        console.print(f"\n[bold]{group.scene}[/bold]（{group.industry}）")
        for link in group.links:
            console.print(f" [bold]{link.link}[/bold]")
            for point in link.points:
                for item in point.items:
                    mark = "[red]★[/red]" if item.severity == "major" else " "
                    basis = "、".join(b.citation for b in item.basis)
                    console.print(f"  {mark}{item.number} {escape(item.ask)} [dim]{point.point}；{escape(basis)}[/dim]")
    console.print("[dim]★ 为重大事故隐患。用 --docx、--xlsx 写出可打印的清单。[/dim]")


def show_stats(counts: dict[str, Any], console: Console) -> None:
    """Print the counts."""
    table = Table(show_header=False)
    kinds = "，".join(f"{KIND_LABELS[k]} {n}" for k, n in counts["documents"]["by_kind"].items())
    provisions = counts["provisions"]
    table.add_row("文件", f"{counts['documents']['total']}（{kinds}）")
    table.add_row(
        "条款",
        f"{provisions['total']}（有要点 {provisions['with_gist']}，已核对 {provisions['verified']}，"
        f"有原文 {provisions['with_official_text']}）",
    )
    scenes = "，".join(f"{k} {n}" for k, n in counts["checks"]["by_scene"].items())
    table.add_row("检查项", f"{counts['checks']['total']}（{scenes}）")
    table.add_row("案例", f"{counts['cases']['total']}（上海 {counts['cases']['shanghai']}）")
    table.add_row("场景 / 标签", f"{counts['scenes']} / {counts['tags']}")
    table.add_row("三元组", str(counts["triples"]))
    console.print(table)


def show_hazard_source(found: HazardSource, console: Console) -> None:
    """Print S, R and the grade of a unit with the source of each number."""
    table = Table("物质", "数量（吨）", "临界量（吨）", "出处", "q/Q", "β", "出处")
    for item in found.items:
        critical, sources = item.critical, dict.fromkeys((item.beta_min.citation, item.beta_max.citation))
        numbers = (f"{item.tonnes:g}", f"{critical.value:g}", critical.citation, f"{item.ratio:.4g}", item.beta_text)
        table.add_row(*map(escape, (item.shown_name, *numbers, "、".join(sources))))
    console.print(table)
    console.print(f"α＝{found.alpha.value:g}（{found.exposed}人，{escape(found.alpha.citation)}）")
    console.print(f"[bold]{escape(found.sentence)}[/bold]")
    if found.grade_sources:
        console.print(
            "分级界限：" + escape("、".join(f"{g.citation}（{g.condition or g.value}）" for g in found.grade_sources))
        )
    _notices(found.notices, console, "注意：")


def show_thresholds(found: Sequence[ThresholdOut], limit: int, console: Console) -> None:
    """Print numbers of the law with their conditions and sources."""
    if not found:
        console.print("资料库里没有这样的数；请换一个说法，或用 hegui ask 查条款。")
        return
    for number in found[:limit]:
        subject = f"{number.of}：" if number.of else ""
        condition = f"（{number.condition}）" if number.condition else ""
        console.print(
            f"· {escape(subject)}{escape(number.measure)} [bold]{escape(number.text)}[/bold]{escape(condition)} "
            f"[dim]{escape(number.citation)}，{number.since} 起施行{'' if number.verified else '，未与原文核对'}[/dim]"
        )
    _notices(list(dict.fromkeys(n.note for n in found[:limit] if n.note))[:SHOWN], console, "注意：")
    if len(found) > limit:
        console.print(f"[dim]共 {len(found)} 个，只列出前 {limit} 个；用 --limit 或更多的词缩小范围。[/dim]")


def show_penalties(found: PenaltyWorksheet, console: Console) -> None:
    """Print a penalty worksheet in short."""

    def line(text: str, style: str = "") -> None:
        console.print(text, style=style or None, markup=False, highlight=False)

    line(f"{found.subject}（{found.as_of} 的法律）", "bold")
    for rule in found.rules:
        line("\n" + "、".join(p.citation for p in rule.provisions), "bold")
        for sanction in (*rule.unit, *rule.principal, *rule.others):
            line(f"· {sanction.text}")
        for tier in rule.tiers:
            line(f"  {tier.name} {tier.factor} → {tier.sanction.text}（{tier.standard}）", "dim")
    for entry in found.leniency:
        line(f"\n{entry.kind}：{entry.provision.citation} {entry.provision.gist or ''}")
        if not entry.applies_here:
            line("  外省市的清单，在上海不适用，只供参考。", "yellow")
        line(f"  条件：{'；'.join(entry.conditions)}")
    for ground in found.no_penalty:
        line(f"\n{ground.provision.citation}：{'、'.join(e.text for e in ground.elements)} → {ground.effect}")
    line(f"\n{found.amounts}")
    for case in found.cases[:5]:
        _case(case.case, console)
    for notice in found.notices:
        line(f"注意：{notice}", "yellow")
