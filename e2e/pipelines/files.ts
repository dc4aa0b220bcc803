import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The documents of a file of the repository. @throws YAMLParseError where it is no YAML. */
// biome-ignore lint/suspicious/noExplicitAny: files of several products' formats
export function documents(path: string): readonly any[] {
  return parseAllDocuments(readFileSync(`${root}${path}`, 'utf8')).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS();
  });
}
