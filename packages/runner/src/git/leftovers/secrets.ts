import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { lintSource } from '@secretlint/core';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';

/** A text in a file that looks like a credential. */
export interface Secret {
  /** The credential itself. It is never shown. */
  readonly value: string;
  /** For example `AWS Access Key ID`. */
  readonly kind: string;
  /** Counted from 1. */
  readonly line: number;
  /** The same for each occurrence of a credential. */
  readonly id: string;
}

/** Comments in a file can turn this rule's checks off, and agents could write such comments. */
const FILTER = '@secretlint/secretlint-rule-filter-comments';

const OPTIONS: Parameters<typeof lintSource>[0]['options'] = {
  locale: 'en',
  maskSecrets: true,
  config: {
    rules: rules
      .filter(({ meta }) => meta.id !== FILTER)
      // Only the rule for AWS has this option.
      .map((rule) => ({ id: rule.meta.id, rule, options: { enableIDScanRule: true } })),
  },
};

/**
 * Keys that the preset misses: in one line of JSON or YAML, or without the text it expects around them. The
 * match includes the whole key, because keys of one kind begin alike.
 */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s|\\n|\\r)*[A-Za-z0-9+/=]{16}(?:[A-Za-z0-9+/=]|\s|\\n|\\r)*/g;
const GOOGLE_API_KEY = /\bAIza[0-9A-Za-z_-]{35}\b/g;
const OWN: readonly (readonly [string, RegExp])[] = [
  ['private key', PRIVATE_KEY],
  ['Google API key', GOOGLE_API_KEY],
];

/** Finds likely credentials in a text file. A binary file has none. */
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
    // Two rules can find the same credential; both results start on its line.
    const known = [...secrets.values()].some((secret) => secret.line === line);
    const id = idOf(value);
    if (!known && !secrets.has(id)) secrets.set(id, { kind, line, id, value });
  }
  return [...secrets.values()];
}

/** @param message for example `found AWS Access Key ID: ****`. */
function kindOf(message: string): string {
  return message
    .replace(/^found\s+/i, '')
    .replace(/[(:].*$/s, '')
    .trim();
}

/** An id that is short enough to type and does not reveal the credential. */
export function idOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 12);
}
