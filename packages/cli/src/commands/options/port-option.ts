import { InvalidArgumentError } from 'commander';

/** A port's number; 0 is any free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new InvalidArgumentError('Write a number from 0 to 65535.');
}
