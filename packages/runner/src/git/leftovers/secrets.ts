import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { lintSource } from '@secretlint/core';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';

/** Something in a file that looks like a credential. */
export interface Secret {
  /** The credential itself, which is shown nowhere. */
  readonly value: string;
  /** `AWS Access Key ID`. */
  readonly kind: string;
  /** Counted from 1. */
  readonly line: number;
  /** The same wherever the same credential stands. */
  readonly id: string;
}

/** It obeys comments that say not to look, and agents could write them. */
const FILTER = '@secretlint/secretlint-rule-filter-comments';

const OPTIONS: Parameters<typeof lintSource>[0]['options'] = {
  locale: 'en',
  maskSecrets: true,
  config: {
    rules: rules
      .filter(({ meta }) => meta.id !== FILTER)
      // An option of the rule for AWS; the others have none of that name.
      .map((rule) => ({ id: rule.meta.id, rule, options: { enableIDScanRule: true } })),
  },
};

/**
 * A key in one line of JSON or YAML, or without what the preset expects around it. To its end: all keys of
 * one kind begin alike.
 */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s|\\n|\\r)*[A-Za-z0-9+/=]{16}(?:[A-Za-z0-9+/=]|\s|\\n|\\r)*/g;
const GOOGLE_API_KEY = /\bAIza[0-9A-Za-z_-]{35}\b/g;
const OWN: readonly (readonly [string, RegExp])[] = [
  ['private key', PRIVATE_KEY],
  ['Google API key', GOOGLE_API_KEY],
];

/** Likely credentials in a file; none in one that is not text. */
export async function findSecrets(path: string, content: Buffer): Promise<readonly Secret[]> {
  if (content.includes(0)) return [];
  const text = content.toString('utf8');
  const source = {
    filePath: path,
    content: text,
    ext: extname(path),
    contentType: 'text',
  } as const;
  const { messages } = await lintSource({ source, options: OPTIONS });
  const found = messages.map(({ message, range: [start, end] }) => ({
    kind: kindOf(message),
    start,
    value: text.slice(start, end),
  }));
  const own = OWN.flatMap(([kind, pattern]) =>
    [...text.matchAll(pattern)].map(({ index, 0: value }) => ({ kind, start: index, value })),
  );
  const secrets = new Map<string, Secret>();
  for (const { kind, start, value } of [...found, ...own]) {
    const line = text.slice(0, start).split('\n').length;
    // Two rules that find one credential begin on the same line.
    const known = [...secrets.values()].some((secret) => secret.line === line);
    const id = idOf(value);
    if (!known && !secrets.has(id)) secrets.set(id, { kind, line, id, value });
  }
  return [...secrets.values()];
}

/** `found AWS Access Key ID: ****`. */
function kindOf(message: string): string {
  return message
    .replace(/^found\s+/i, '')
    .replace(/[(:].*$/s, '')
    .trim();
}

/** Short enough to be typed, and of no use to anyone who looks for the credential. */
export function idOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 12);
}
