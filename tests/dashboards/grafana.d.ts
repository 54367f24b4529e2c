/**
 * What a dashboard file may hold, put together from the types that Grafana publishes: the dashboard's own, and those of
 * each kind of panel that the house uses. JSON has plain words where Grafana's types have enums.
 */
import type * as grafana from "@grafana/schema";
import type * as barchart from "@grafana/schema/dist/esm/raw/composable/barchart/panelcfg/x/BarChartPanelCfg_types.gen";
import type * as bargauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as statetimeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Plain<T> = unknown extends T ? T
  : T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : { [Key in keyof T]: Plain<T[Key]> };

/** Grafana writes the first step, which is minus infinity, as null. */
type Threshold = { value: number | null; color: string };
type FieldConfig<Custom> = Omit<Plain<grafana.FieldConfig>, "custom" | "thresholds"> & {
  custom?: Plain<Partial<Custom>>;
  thresholds?: { mode: `${grafana.ThresholdsMode}`; steps: Threshold[] };
};

type PanelOf<Kind extends string, Options, Custom> = Omit<Plain<grafana.Panel>, "type" | "options" | "fieldConfig" | "targets"> & {
  type: Kind;
  options: Plain<Options>;
  fieldConfig: { defaults: FieldConfig<Custom>; overrides: Plain<grafana.FieldConfigSource["overrides"]> };
  targets: Query[];
};

/** A query as the PostgreSQL data source keeps it (SQLQuery of Grafana's own @grafana/sql, which is not published). */
type Query = Plain<grafana.DataQuery> & {
  datasource: { type: "grafana-postgresql-datasource"; uid: string };
  editorMode: "code";
  format: "table" | "time_series";
  rawQuery: true;
  rawSql: string;
};

type None = Record<string, never>;
type Panel =
  | PanelOf<"stat", stat.Options, None>
  | PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>
  | PanelOf<"barchart", barchart.Options, barchart.FieldConfig>
  | PanelOf<"bargauge", bargauge.Options, None>
  | PanelOf<"table", table.Options, table.FieldConfig>
  | PanelOf<"state-timeline", statetimeline.Options, statetimeline.FieldConfig>
  | Plain<grafana.RowPanel>;

type Annotation = Omit<Plain<grafana.AnnotationQuery>, "target"> & { target: Query };

export type Dashboard = Omit<Plain<grafana.Dashboard>, "panels" | "annotations" | "uid" | "title" | "schemaVersion"> & {
  uid: string;
  title: string;
  schemaVersion: 42;
  panels: Panel[];
  annotations: { list: Annotation[] };
};
