// What is measured: the form and the size of a message, and how many consumers it goes to.

export interface Cell {
  readonly form: "text" | "binary";
  /** Of the whole message, as a sender puts it on the wire that comes by the main door. */
  readonly bytes: number;
  readonly consumers: number;
}

const KIB = 1024;
const FORMS: readonly Pick<Cell, "form" | "bytes">[] = [
  { form: "text", bytes: KIB },
  { form: "binary", bytes: KIB },
  { form: "binary", bytes: 32 * KIB },
];

/** Each form to each number of consumers. */
export function cellsFor(consumerCounts: readonly number[]): readonly Cell[] {
  return FORMS.flatMap(({ form, bytes }) => consumerCounts.map((consumers) => ({ form, bytes, consumers })));
}

export function nameOf({ form, bytes, consumers }: Cell): string {
  return `${bytes / KIB} KiB ${form}, ${consumers} consumer${consumers === 1 ? "" : "s"}`;
}
