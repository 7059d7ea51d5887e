"""The one table."""
import collections

Row = collections.namedtuple("Row", "figure value ratio target reached")


class Table:
    def __init__(self):
        self.rows = []

    def add(self, figure, value, ratio="", target="", reached=None):
        """reached: whether value is what target asks for; None: there is no
        target, or no figure."""
        self.rows.append(Row(figure, value, ratio, target, reached))

    def section(self, name):
        self.rows.append(name)

    def lines(self, markdown=False):
        cells = [("figure", "value", "ratio", "target", "")]
        for row in self.rows:
            cells.append((row,) if isinstance(row, str) else (
                row.figure, row.value, row.ratio, row.target,
                {True: "reached", False: "MISSED", None: ""}[row.reached]))
        if markdown:
            for i, row in enumerate(cells):
                row = row if len(row) > 1 else (f"**{row[0]}**",) + ("",) * 4
                yield "| " + " | ".join(row) + " |"
                if i == 0:
                    yield "|---|---|---|---|---|"
            return
        widths = [max(len(row[n]) for row in cells if len(row) > 1)
                  for n in range(5)]
        for row in cells:
            if len(row) == 1:
                yield f"-- {row[0]} --"
            else:
                yield "  ".join(cell.ljust(width) for cell, width in
                                zip(row, widths)).rstrip()
