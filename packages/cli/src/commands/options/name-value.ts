import { InvalidArgumentError } from 'commander';

/**
 * Collects a repeatable option `NAME=VALUE`, as commander calls it for each. Values may hold `=`, and be empty.
 * @throws InvalidArgumentError where there is no name.
 */
export function collectValues(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('NAME=VALUE is expected.');
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}
