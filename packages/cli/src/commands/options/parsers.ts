import { BlockList, isIP } from 'node:net';
import { NAMESPACE_NAME, OBJECT_NAME, parseDuration, parseMoney } from '@agentteam/contract';
import { InvalidArgumentError } from 'commander';
import type { Owner } from '../../cluster/submit/submission.ts';

// Parsers of option values, called by commander.
// Each throws InvalidArgumentError when the value is invalid.

export function parseNamespace(text: string): string {
  if (NAMESPACE_NAME.test(text)) return text;
  throw new InvalidArgumentError('A namespace consists of lower-case letters, digits and hyphens.');
}

/** Parses namespaces separated by commas. */
export function parseNamespaces(text: string): readonly string[] {
  return parseList(text).map(parseNamespace);
}

/** Parses texts separated by commas. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Parses names of hosts separated by commas. */
export function parseHosts(text: string): readonly string[] {
  const hosts = parseList(text);
  if (hosts.every((host) => /^([a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(host))) return hosts;
  throw new InvalidArgumentError(
    'Expected names of hosts in lower case, without ports: agents.example.com',
  );
}

/** Parses addresses and blocks of addresses. */
export function parseAddresses(text: string): BlockList {
  const list = new BlockList();
  for (const one of parseList(text)) {
    const [, address = '', bits] = /^([0-9a-fA-F.:]+)(?:\/([0-9]{1,3}))?$/.exec(one) ?? [];
    const version = isIP(address);
    const most = version === 6 ? 128 : 32;
    const length = bits === undefined ? most : Number(bits);
    if (version === 0 || length > most) {
      throw new InvalidArgumentError(
        'Expected addresses or blocks of addresses: 10.42.0.0/16,fd00::/64',
      );
    }
    list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Parses the name of an image. Only a node can know whether the image exists. */
export function parseImage(text: string): string {
  if (/^[^\s/][^\s]*$/.test(text)) return text;
  throw new InvalidArgumentError('Expected an image: registry.example.com/agentteam:0.2.0');
}

/** Parses the name of a Kubernetes object. */
export function parseName(text: string): string {
  if (OBJECT_NAME.test(text)) return text;
  throw new InvalidArgumentError(
    'A name consists of lower-case letters, digits, hyphens and dots.',
  );
}

export function parseUrl(text: string): string {
  if (isUrl(text)) return text;
  throw new InvalidArgumentError('Expected a URL: https://api.example.com');
}

export function parseProxy(text: string): string {
  if (isUrl(text)) return text;
  throw new InvalidArgumentError('Expected the URL of a proxy: http://proxy.example.com:3128');
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Parses the number of a port; 0 means any free port. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

/** Parses a whole number of at least 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

/** The longest delay of a Node timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Parses a duration such as `90m` or `1h30m` to milliseconds. */
export function parseTimeout(text: string): number {
  const milliseconds = (parseDuration(text) ?? Number.NaN) * 1000;
  if (milliseconds <= LONGEST_TIMER) return milliseconds;
  throw new InvalidArgumentError(
    'Expected a duration of at most 24 days: 90m, 1h30m or 45s, for example.',
  );
}

/** Parses a positive amount of dollars with at most two decimals: `5.00` or `$5`. */
export function parseBudget(text: string): string {
  const amount = text.replace(/^\$/, '');
  if (/^\d{1,9}(\.\d{1,2})?$/.test(amount) && parseMoney(amount) > 0n) return amount;
  throw new InvalidArgumentError('Expected an amount of dollars: 5.00, for example.');
}

/** Parses `apiVersion/Kind/NAME/UID`: `argoproj.io/v1alpha1/Workflow/nightly-x7k2p/0b9e…`. */
export function parseOwner(text: string): Owner {
  const parts = text.split('/');
  const [uid = '', name = '', kind = ''] = parts.toReversed();
  const apiVersion = parts.slice(0, -3).join('/');
  if ([uid, name, kind, apiVersion].includes('')) {
    throw new InvalidArgumentError('Expected apiVersion/Kind/NAME/UID.');
  }
  return { apiVersion, kind, name, uid };
}

/** Collects the values of a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Collects a repeatable option `NAME=VALUE`. The value may contain `=` and may be empty. */
export function collectValues(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected NAME=VALUE.');
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Collects a repeatable option `NAME=PATH`. */
export function collectPaths(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) {
    throw new InvalidArgumentError('Expected NAME=PATH: data=./data, for example.');
  }
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}
