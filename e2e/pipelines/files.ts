import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The YAML documents of a file in the repository. @throws YAMLParseError */
// biome-ignore lint/suspicious/noExplicitAny: the files have the formats of several products
export function documents(path: string): readonly any[] {
  return parseAllDocuments(readFileSync(`${root}${path}`, 'utf8')).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS();
  });
}
