import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { compileText, toYaml } from '../src/index.ts';

const examples = new URL('../../../examples/', import.meta.url);

describe('examples compile to the Workflow beside them (`npm run examples` writes it anew)', () => {
  test.each(readdirSync(examples))('%s', (name) => {
    const read = (file: string) => readFileSync(new URL(`${name}/${file}`, examples), 'utf8');
    const { compiled, problems } = compileText(read('team.yaml'));
    expect(problems).toEqual([]);
    expect(compiled && toYaml(compiled.workflow)).toBe(read('workflow.yaml'));
  });
});
