import { resolve, sep } from 'node:path';

/** The path of a file in a directory. @throws RangeError for a name that leads out of the directory. */
export function below(directory: string, name: string): string {
  const path = resolve(directory, name);
  if (!path.startsWith(`${resolve(directory)}${sep}`)) {
    throw new RangeError(`the path ${name} leads out of its volume`);
  }
  return path;
}
