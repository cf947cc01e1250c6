// Secrets that are long enough and that everybody knows: of standards, of libraries' documents, of templates.

/** Better Auth signs with these where no secret is set and NODE_ENV is not `production`, as on Workers. */
export const BETTER_AUTH_DEFAULTS: readonly string[] = [
  "better-auth-secret-12345678901234567890",
  "better-auth-secret-123456789",
];

/** By the secret in small letters: who published it, in words for the operator. Shorter ones are refused for that. */
export const PUBLISHED_SECRETS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "Better Auth's public default": BETTER_AUTH_DEFAULTS,
    "a key of RFC 7515 or RFC 7520": [
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
      "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
    ],
    "a key of RFC 8032 or RFC 8037": [
      "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
      "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs",
      "xaqN9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc",
      "9eV2fPFTMZUXYw8iaHa4bIFgzFg7wBN0TGvyVfXMDuU",
      "gz_mJAkje51i7HdYdSCRHpp1nOwdGXVbfakBuW3KPUI",
    ],
    "the secret of a JWT library's documents": [
      "a-string-secret-at-least-256-bits-long",
      "cc7e0d44fd473002f1c42167459001140ec6389b7353f8088f4d9a95f2f596f2",
    ],
    "the secret of a framework's documents": [
      "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
      "3EK6FD+o0+c7tzBNVfjpMkNDi2yARAAKzQlk8O2IKoxQu4nF7EdAh8s3TwpHwrdWT6R",
      "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970",
      "DO NOT USE THIS VALUE. INSTEAD, CREATE A COMPLEX SECRET AND KEEP IT SAFE OUTSIDE OF THE SOURCE CODE.",
      "complex_password_at_least_32_characters_long",
      "reallyreallyreallyreallyverysafe",
      "super-secret-jwt-token-with-at-least-32-characters-long",
    ],
  }).flatMap(([publisher, secrets]) => secrets.map((secret) => [secret.toLowerCase(), publisher] as const)),
);
