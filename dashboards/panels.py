"""The few kinds of panels of the house: figures, lines, bars, tables, states. Each answers one question.

Boards choose a kind, a statement and words; how a kind looks is decided here once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders import barchart, bargauge, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    ReduceDataOptions,
    StackingConfig,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import FieldColorModeId

from dashboards import house
from dashboards.columns import Column, Steps
from dashboards.house import Text
from dashboards.sheet import NOTHING, Sheet, thresholds

FIGURE_H: Final = 4
GRAPH_H: Final = 9
TABLE_H: Final = 10

_LEGEND: Final = (
    VizLegendOptions()
    .show_legend(True)
    .display_mode(common.LegendDisplayMode.LIST)
    .placement(common.LegendPlacement.BOTTOM)
    .calcs([])
)


def figure(
    sheet: Sheet,
    name: str,
    title: Text,
    note: Text,
    *,
    steps: Steps = ((None, house.CALM),),
    unit: str = "short",
    decimals: int | None = None,
    columns: Sequence[Column] = (),
) -> stat.Panel:
    """One number, or a few with names, of the statement's only row."""
    panel = (
        sheet.dress(stat.Panel(), name, title, note, table=True)
        .unit(unit)
        .thresholds(thresholds(steps))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.NONE)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME if columns else common.BigValueTextMode.VALUE)
        .justify_mode(common.BigValueJustifyMode.AUTO)
        .wide_layout(False)
        .orientation(common.VizOrientation.AUTO)
        .reduce_options(ReduceDataOptions().values(False).calcs(["lastNotNull"]).fields(""))
    )
    if decimals is not None:
        panel = panel.decimals(decimals)
    return sheet.show(panel, columns)


def lines(
    sheet: Sheet,
    name: str,
    title: Text,
    note: Text,
    *,
    unit: str = "short",
    low: float | None = 0,
    high: float | None = None,
    steps: Steps | None = None,
    variant: str = "",
    columns: Sequence[Column] = (),
) -> timeseries.Panel:
    """Lines over time, interrupted where nothing was measured."""
    panel = (
        sheet.dress(timeseries.Panel(), name, title, note, variant=variant)
        .unit(unit)
        .interval(house.FINEST)
        .max_data_points(house.POINTS)
        .draw_style(common.GraphDrawStyle.LINE)
        .line_width(1)
        .fill_opacity(8)
        .show_points(common.VisibilityMode.AUTO)
        .span_nulls(False)
        .legend(_LEGEND)
        .tooltip(VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING))
    )
    if low is not None:
        panel = panel.min(low)
    if high is not None:
        panel = panel.max(high)
    if steps is not None:
        panel = panel.thresholds(thresholds(steps)).thresholds_style(
            GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        )
    return sheet.show(panel, columns)


def stacks(
    sheet: Sheet, name: str, title: Text, note: Text, *, unit: str = "short", columns: Sequence[Column] = ()
) -> timeseries.Panel:
    """Bars over time, stacked: how many of what, when."""
    return (
        lines(sheet, name, title, note, unit=unit, columns=columns)
        .draw_style(common.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .line_width(0)
        .show_points(common.VisibilityMode.NEVER)
        .stacking(StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
        .bar_alignment(common.BarAlignment.AFTER)
    )


def days(
    sheet: Sheet, name: str, title: Text, note: Text, *, unit: str = "short", columns: Sequence[Column] = ()
) -> timeseries.Panel:
    """As `stacks`, a bar a Vietnamese day, over as many days as the statement gives."""
    return stacks(sheet, name, title, note, unit=unit, columns=columns).interval("1d")


def hours(
    sheet: Sheet, name: str, title: Text, note: Text, *, unit: str = "short", columns: Sequence[Column] = ()
) -> barchart.Panel:
    """Bars over the hours of a day, 0 to 23: when a day is busy."""
    panel = (
        sheet.dress(barchart.Panel(), name, title, note, table=True)
        .unit(unit)
        .x_field("hour")
        .stacking(common.StackingMode.NORMAL)
        .show_value(common.VisibilityMode.NEVER)
        .orientation(common.VizOrientation.VERTICAL)
        .x_tick_label_spacing(0)
        .bar_width(0.9)
        .fill_opacity(70)
        .legend(_LEGEND)
        .tooltip(VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.NONE))
    )
    return sheet.show(panel, columns)


def ranking(
    sheet: Sheet,
    name: str,
    title: Text,
    note: Text,
    *,
    unit: str = "short",
    steps: Steps = ((None, house.HINT),),
    columns: Sequence[Column] = (),
) -> bargauge.Panel:
    """A bar for each row, the longest first: who has most."""
    panel = (
        sheet.dress(bargauge.Panel(), name, title, note, table=True)
        .unit(unit)
        .min(0)
        .thresholds(thresholds(steps))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .orientation(common.VizOrientation.HORIZONTAL)
        .value_mode(common.BarGaugeValueMode.TEXT)
        .name_placement(common.BarGaugeNamePlacement.LEFT)
        .show_unfilled(False)
        .reduce_options(ReduceDataOptions().values(True).calcs([]).fields("").limit(12))
    )
    return sheet.show(panel, columns)


def listing(
    sheet: Sheet, name: str, title: Text, note: Text, columns: Sequence[Column], *, empty: Text = NOTHING
) -> table.Panel:
    """A table."""
    dressed = sheet.dress(table.Panel(), name, title, note, table=True, empty=empty)
    return sheet.show(dressed.cell_height(common.TableCellHeight.SM).show_header(True), columns, cells=True)


def states(sheet: Sheet, name: str, title: Text, note: Text, columns: Sequence[Column] = ()) -> statetimeline.Panel:
    """How something stood over time, a row for each."""
    panel = (
        sheet.dress(statetimeline.Panel(), name, title, note)
        .interval(house.FINEST)
        .max_data_points(house.POINTS)
        .show_value(common.VisibilityMode.NEVER)
        .merge_values(True)
        .row_height(0.8)
        .fill_opacity(80)
        .per_page(20)
        .legend(_LEGEND)
        .tooltip(VizTooltipOptions().mode(common.TooltipDisplayMode.SINGLE).sort(common.SortOrder.NONE))
    )
    return sheet.show(panel, columns)
