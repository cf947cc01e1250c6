// What a token is taken for by its form, whatever stands in it.
import { expect, test } from "vitest";
import { formOf } from "../../auth/token-form.ts";

test.each([
  ["eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "signed"],
  ["eyJ..", "signed"],
  ["eyJhbGciOiJkaXIifQ..aXY.dGV4dA.dGFn", "encrypted"],
  ["eyJhbGciOiJkaXIifQ.a2V5.aXY.dGV4dA.dGFn", "encrypted"],
  ["eyJ....", "encrypted"],
  ["eyJzZXNzaW9uIjp7InNlc3Npb24iOnt9fX0", "compact"],
  ["eyJzZXNzaW9uIjp7", "compact"],
  ["eyJzZXNzaW9uIjp7.b.c", "signed"],
  ["eyJzZXNzaW9uIjp7.b", "opaque"],
  ["eyJzZXNzaW9uIjpu", "opaque"],
  ["eyJ", "opaque"],
  ["eyJ.", "opaque"],
  ["eyJ...", "opaque"],
  ["eyJ.....", "opaque"],
  ["a.b.c", "opaque"],
  ["a.b.c.d.e", "opaque"],
  ["a.eyJ.c", "opaque"],
  [" eyJ.b.c", "opaque"],
  ["uCDp1qsRThZSozgD5QydWPHzahZqoWpc", "opaque"],
  ["", "opaque"],
])("%j is %s", (token, form) => {
  expect(formOf(token)).toBe(form);
});
