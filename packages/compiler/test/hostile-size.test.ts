import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { checkObject, teamOfRun } from '../src/index.ts';

/*
 * Anyone who may create a team in one namespace chooses these texts, and the controller checks them in the same
 * process as the teams of all others. If the time of a check grows much faster than the team, jest ends the test.
 */

type Spec = Record<string, unknown>;
const example = parse(
  readFileSync(new URL('../../../examples/auth-refactor/team.yaml', import.meta.url), 'utf8'),
) as { readonly spec: Spec } & Spec;

const problemsOf = (spec: Spec) =>
  checkObject({ ...example, spec: { ...example.spec, ...spec } }).problems;
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const teammates = (own: object) =>
  many(16, (index) => ({ name: `a${index}`, prompt: 'Work.', ...own }));

describe('a team of the largest size is checked without delay', () => {
  test('with scopes that are patterns', () => {
    const includePaths = many(64, (index) => `src/${'*'.repeat(1000)}\n${index}`);
    const problems = problemsOf({ teammates: teammates({ scope: { includePaths } }) });
    expect(problems).toHaveLength(16 * 64);
    expect(problems[0]).toMatchObject({ code: 'bad-scope' });
    expect(problems[0]?.hint).toBe("use the path's beginning: `src/`");
  });

  test('with references to services that it does not have', () => {
    const references = many(2000, (index) => `\${services.${index}}`).join('');
    const environment = {
      services: many(32, (index) => ({
        name: `${'s'.repeat(60)}${index}`,
        url: 'https://a.test/',
      })),
      env: many(40, (index) => ({ name: `V${index}`, value: references })),
    };
    const problems = problemsOf({ environment, teammates: teammates({}) });
    expect(problems).toHaveLength(40);
    expect(problems[0]).toMatchObject({
      code: 'unknown-service',
      message: 'no service is named `0`',
    });
  });

  test('with a branch that is hardly a template', () => {
    const lifecycle = { consolidatedBranchTemplate: `{{${'\t'.repeat(240)}{{}}` };
    expect(
      problemsOf({ lifecycle: { ...(example.spec['lifecycle'] as Spec), ...lifecycle } }),
    ).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'unknown-variable' })]));
  });

  test('with enforced scopes', () => {
    const deep = './'.repeat(200);
    const scope = (of: (index: number) => number) => ({
      includePaths: many(64, (index) => `${deep}src/${'/'.repeat(index)}`),
      excludePaths: many(64, (index) => `${deep}src/secret${of(index)}/`),
    });
    const template = {
      ...example,
      kind: 'AgentTeamTemplate',
      spec: { enforced: ['scope'], teammates: teammates({ scope: scope((index) => index) }) },
    };
    const run = (own: object) => ({
      ...example,
      kind: 'AgentTeamRun',
      spec: {
        templateRef: { name: 't' },
        repository: example.spec['repository'],
        auth: example.spec['auth'],
        lifecycle: example.spec['lifecycle'],
        lead: { prompt: 'Lead.', scope: own },
      },
    });
    const check = (own: object) =>
      teamOfRun(
        template as unknown as Parameters<typeof teamOfRun>[0],
        run(own) as unknown as Parameters<typeof teamOfRun>[1],
      ).problems.filter(({ code }) => code === 'enforced');
    expect(check(scope((index) => 63 - index))).toEqual([]);
    expect(check({ ...scope((index) => index), excludePaths: [] })).toHaveLength(1);
  });
});

describe('Argo would evaluate braces', () => {
  test.each([
    ['of an agent', { environment: { resources: { limits: { '{{=1}}': '1' } } } }],
    [
      'of a sidecar',
      {
        environment: {
          sidecars: [{ name: 'db', image: 'db:1', resources: { requests: { '{{=1}}': 1 } } }],
        },
      },
    ],
  ])('so they cannot be the name of a resource %s', (_, spec) => {
    expect(problemsOf(spec)).toMatchObject([
      { code: 'wrong-form', message: '`{{=1}}` cannot be the name of a resource' },
    ]);
  });
});
