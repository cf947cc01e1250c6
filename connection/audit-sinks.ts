// Where audit events are written: a line of the log each, and a data point each where a dataset is bound.
import { type AuditEvent, type AuditSink, NUMBER_FIELDS, TEXT_FIELDS } from "./audit.ts";

/** The binding of an Analytics Engine dataset. */
export interface Dataset {
  writeDataPoint(point: { readonly indexes: string[]; readonly blobs: string[]; readonly doubles: number[] }): void;
}

/** Ids come from other systems, which may have written anything into them. */
const TEXT_MAX_CHARS = 256;

export const writeLine: AuditSink = (event) => console.log(lineOf(event));

/**
 * The event's name as index, so that what is rare is sampled apart from what is frequent; the fields of text as blobs and
 * those of numbers as doubles, in their order, empty or 0 where an event has none. Without a key number that is -1.
 */
export function makeDatasetSink(dataset: Dataset): AuditSink {
  return (event) => {
    const { count = 1, keyNumber = -1 } = event;
    const numbers: AuditEvent = { ...event, count, keyNumber };
    dataset.writeDataPoint({
      indexes: [event.event],
      blobs: TEXT_FIELDS.map((name) => textOf(event[name])),
      doubles: NUMBER_FIELDS.map((name) => numbers[name] ?? 0),
    });
  };
}

/** One JSON object in printable ASCII: no id can end the line, or make a terminal show another one. */
export function lineOf(event: AuditEvent): string {
  const texts = TEXT_FIELDS.map((name) => [name, textOf(event[name])] as const).filter(([, text]) => text !== "");
  const numbers = NUMBER_FIELDS.map((name) => [name, event[name]] as const);
  return JSON.stringify(Object.fromEntries<string | number | undefined>([...texts, ...numbers])).replace(
    /[^\u0020-\u007e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function textOf(value: string | undefined): string {
  return value === undefined ? "" : value.slice(0, TEXT_MAX_CHARS);
}
