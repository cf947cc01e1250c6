// Where a new stream's object should live: on the continent of whoever comes first, which is mostly its camera.

/** Source: developers.cloudflare.com/durable-objects/reference/data-location. */
const HINTS: Readonly<Record<string, DurableObjectLocationHint>> = {
  AF: "afr",
  AS: "apac",
  EU: "weur",
  NA: "enam",
  OC: "oc",
  SA: "sam",
};
/** The platform knows two places there; this is about the meridian of Denver, and of Vienna. */
const WEST_OF: Readonly<
  Record<
    string,
    { readonly longitude: number; readonly west: DurableObjectLocationHint; readonly east: DurableObjectLocationHint }
  >
> = {
  NA: { longitude: -100, west: "wnam", east: "enam" },
  EU: { longitude: 16, west: "weur", east: "eeur" },
};

/** Undefined where the platform does not say where a request comes from, as in local development. */
export function locationHintOf(cf: unknown): DurableObjectLocationHint | undefined {
  if (typeof cf !== "object" || cf === null || !("continent" in cf) || typeof cf.continent !== "string")
    return undefined;
  const divided = WEST_OF[cf.continent];
  const longitude = "longitude" in cf ? Number(cf.longitude) : Number.NaN;
  if (divided === undefined || Number.isNaN(longitude)) return HINTS[cf.continent];
  return longitude < divided.longitude ? divided.west : divided.east;
}
