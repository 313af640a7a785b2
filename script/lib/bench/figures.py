"""What a run gives: figures, each with its floor and its target."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """`limit` holds for the ratio to the floor, or for the value itself."""

    of: str  # "ratio" or "value"
    sign: str  # ">=", "<=" or "=="
    limit: float

    def is_met(self, figure: "Figure") -> bool:
        number = figure.ratio if self.of == "ratio" else figure.value
        if number is None:
            return False
        return {">=": number >= self.limit, "<=": number <= self.limit, "==": number == self.limit}[self.sign]

    def __str__(self) -> str:
        return f"{self.of} {self.sign} {self.limit:g}"


def ratio_at_least(limit: float) -> Target:
    return Target("ratio", ">=", limit)


def ratio_at_most(limit: float) -> Target:
    return Target("ratio", "<=", limit)


def at_most(limit: float) -> Target:
    return Target("value", "<=", limit)


def exactly(limit: float) -> Target:
    return Target("value", "==", limit)


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    floor: float | None = None
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        return "" if self.target is None else "ok" if self.target.is_met(self) else "MISSED"

    def as_row(self) -> dict:
        return {
            "name": self.name,
            "value": short(self.value),
            "unit": self.unit,
            "floor": short(self.floor),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
        }


def short(number: float | None) -> float | None:
    """Four digits that count, or all of a whole number."""
    if number is None or float(number).is_integer():
        return number if number is None else int(number)
    return float(f"{number:.4g}")


def table(figures: list[Figure]) -> str:
    """In columns for the terminal."""
    rows = [["", "value", "unit", "floor", "ratio", "target", ""]]
    for figure in figures:
        cells = figure.as_row()
        numbers = ["" if cells[name] is None else str(cells[name]) for name in ("value", "floor", "ratio")]
        rows.append([figure.name, numbers[0], figure.unit, *numbers[1:], str(figure.target or ""), figure.verdict])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    is_number = [False, True, False, True, True, False, False]
    lines = (
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines)
