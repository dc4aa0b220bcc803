import { NAMESPACE_NAME, OBJECT_NAME } from '@agentteam/contract';
import { InvalidArgumentError } from 'commander';

/** Of an option: the name of a namespace. It becomes part of an address. */
export function parseNamespace(text: string): string {
  if (NAMESPACE_NAME.test(text)) return text;
  throw new InvalidArgumentError('A namespace has lower-case letters, digits and hyphens.');
}

/** Of an option: namespaces with commas. */
export function parseNamespaces(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '').map(parseNamespace);
}

/** Of an option: an image. Whether it is there, nodes alone know. */
export function parseImage(text: string): string {
  if (/^[^\s/][^\s]*$/.test(text)) return text;
  throw new InvalidArgumentError('An image is expected: registry.example.com/agentteam:0.2.0');
}

/** Of an option: the name of an object, of a storage class for one. */
export function parseName(text: string): string {
  if (OBJECT_NAME.test(text)) return text;
  throw new InvalidArgumentError('Names have lower-case letters, digits, hyphens and dots.');
}
