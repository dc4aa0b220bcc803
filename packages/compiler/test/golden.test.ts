import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { AgentTeam } from '@agentteam/api';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { checkTemplate, compile, compileText, teamOfRun, toYaml } from '../src/index.ts';

const examples = new URL('../../../examples/', import.meta.url);

describe('examples compile to the Workflow beside them (`npm run examples` updates it)', () => {
  const teams = readdirSync(examples).filter((name) =>
    existsSync(new URL(`${name}/team.yaml`, examples)),
  );
  test.each(teams)('%s', (name) => {
    const read = (file: string) => readFileSync(new URL(`${name}/${file}`, examples), 'utf8');
    const { compiled, problems } = compileText(read('team.yaml'));
    expect(problems).toEqual([]);
    expect(compiled && toYaml(compiled.workflow)).toBe(read('workflow.yaml'));
  });
  const templates = readdirSync(examples).filter((name) =>
    existsSync(new URL(`${name}/template.yaml`, examples)),
  );
  test.each(templates)('%s, a run of a template', (name) => {
    const read = (file: string) => readFileSync(new URL(`${name}/${file}`, examples), 'utf8');
    const template = parse(read('template.yaml'));
    expect(checkTemplate(template).problems).toEqual([]);
    const { team, problems } = teamOfRun(template, parse(read('run.yaml')));
    expect(problems).toEqual([]);
    const { compiled } = compile(team as AgentTeam, { controller: { admission: true } });
    expect(compiled && toYaml(compiled.workflow)).toBe(read('workflow.yaml'));
  });
});

test.each(['on', 'no', 'y', 'null', '1e3', '0o17'])(
  'the team name %s stays text for a Go parser of YAML',
  (name) => {
    const text = readFileSync(new URL('q3-report/team.yaml', examples), 'utf8');
    const { compiled, problems } = compileText(text.replace('name: q3-report', `name: "${name}"`));
    if (compiled === undefined) throw new Error(JSON.stringify(problems));
    const read = parse(toYaml(compiled.workflow), { version: '1.1' });
    expect(read.metadata.name).toBe(name);
    expect(read.metadata.labels['claude.amcheste.io/team']).toBe(name);
  },
);
