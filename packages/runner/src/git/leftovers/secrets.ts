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

/** Larger files are not searched. Searching takes about 0.1 s and 20 MB of memory for each MiB. */
export const MAX_SEARCHED_BYTES: number = 8 * 1024 ** 2;

/** No person reviews more, and each one costs time. */
export const MAX_SECRETS = 500;

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

/** The range of a likely credential in a text. */
interface Finding {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds likely credentials in a file, the first {@link MAX_SECRETS} of them.
 * @param text the content, read as UTF-8 whatever it is.
 */
export async function findSecrets(path: string, text: string): Promise<readonly Secret[]> {
  const secrets = new Map<string, Secret>();
  for (const readable of readingsOf(text)) {
    const findings: Finding[] = [];
    for (let from = 0; from < readable.length; from += PIECE) {
      if (findings.length >= MAX_SECRETS) break;
      const piece = readable.slice(from, from + PIECE + OVERLAP);
      for (const { kind, start, end } of await findingsIn(path, piece)) {
        findings.push({ kind, start: from + start, end: from + end });
      }
    }
    for (const { kind, start, end } of withoutRepeated(findings)) {
      const value = readable.slice(start, end);
      const id = idOf(value);
      if (!secrets.has(id)) secrets.set(id, { kind, line: lineOf(readable, start), id, value });
    }
  }
  return [...secrets.values()];
}

/** On long texts, the rules overflow the stack, or take quadratic time if there are many findings. */
const PIECE = 64 * 1024;
/** How far a piece reaches into the next one: longer than any credential. */
const OVERLAP = 16 * 1024;

/** A binary file may contain text, and text in UTF-16 has a NUL beside each ASCII character. */
function readingsOf(text: string): readonly string[] {
  return text.includes('\0') ? [text.replaceAll('\0', ' '), text.replaceAll('\0', '')] : [text];
}

async function findingsIn(path: string, text: string): Promise<readonly Finding[]> {
  const source = {
    filePath: path,
    content: text,
    ext: extname(path),
    contentType: 'text',
  } as const;
  const { messages } = await lintSource({ source, options: OPTIONS });
  return [
    ...messages.map(({ message, range: [start, end] }) => ({ kind: kindOf(message), start, end })),
    ...OWN.flatMap(([kind, pattern]) =>
      [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
        kind,
        start: index,
        end: index + length,
      })),
    ),
  ];
}

/** Two rules can find the same credential, one of them with more of the text around it. Keeps the longer finding. */
function withoutRepeated(findings: readonly Finding[]): readonly Finding[] {
  const first = findings.toSorted((a, b) => a.start - b.start).slice(0, MAX_SECRETS);
  const longestFirst = first.toSorted((a, b) => b.end - b.start - (a.end - a.start));
  const kept: Finding[] = [];
  for (const finding of longestFirst) {
    const isRepeated = kept.some(({ start, end }) => start <= finding.start && finding.end <= end);
    if (!isRepeated) kept.push(finding);
  }
  return kept.toSorted((a, b) => a.start - b.start);
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
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
