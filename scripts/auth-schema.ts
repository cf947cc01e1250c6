// Prints the SQL of the tables that Better Auth needs; examples/auth-worker/migrations/0001_better_auth.sql is its output.
//
//   node scripts/auth-schema.ts > examples/auth-worker/migrations/0001_better_auth.sql
import { DatabaseSync } from "node:sqlite";
import { getMigrations } from "better-auth/db/migration";
import { authOptions } from "../examples/auth-worker/options.ts";

export async function schemaSql(): Promise<string> {
  // The secret signs nothing here, but without one Better Auth takes its public default and says so.
  const secret = "no-secret-is-needed-to-print-a-schema-0123456789";
  const { compileMigrations } = await getMigrations({
    ...authOptions(["localhost:*"]),
    secret,
    database: new DatabaseSync(":memory:"),
  });
  return `${await compileMigrations()}\n`;
}

if (process.argv[1] === import.meta.filename) process.stdout.write(await schemaSql());
