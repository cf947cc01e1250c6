// Patterns of stream ids in the configuration: exact, or with a trailing `*`.

export function patternMatches(pattern: string, streamId: string): boolean {
  return pattern.endsWith("*") ? streamId.startsWith(pattern.slice(0, -1)) : pattern === streamId;
}

export function anyPatternMatches(patterns: readonly string[], streamId: string): boolean {
  return patterns.some((pattern) => patternMatches(pattern, streamId));
}
