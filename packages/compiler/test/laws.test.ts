import { createRequire } from 'node:module';
import type { AgentTeam } from '@agentteam/api';
import type { Template, Workflow } from '@agentteam/argo';
import { ARGO_DIRECTORY, CONTAINERS, ENV } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { checkObject, compile, compileText, TEAM_VOLUME, toYaml } from '../src/index.ts';
import { brokenTeam, hostilePrompt, hostileText, shuffled, validTeam } from './arbitrary-team.ts';

const require = createRequire(import.meta.url);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(require('@agentteam/argo/schema.json') as object, 'argo');
const isWorkflow = ajv.compile({ $ref: 'argo#/components/schemas/Workflow' });

/** The only tags that a compiled Workflow may contain. */
const OURS =
  /\{\{(retries|workflow\.status|workflow\.parameters\.team|=sprig\.b64enc\(sprig\.trunc\(\d+, workflow\.failures\)\)|tasks\.[\w-]+\.status|tasks\.Approve-[\w-]+\.outputs\.parameters\.decision|inputs\.parameters\.[\w-]+)\}\}/g;

function compiled(object: unknown): Workflow {
  const { team, problems } = checkObject(object);
  if (team === undefined) throw new Error(JSON.stringify(problems));
  const result = compile(team);
  if (result.compiled === undefined) throw new Error(JSON.stringify(result.problems));
  return result.compiled.workflow;
}

function specs(workflow: Workflow): readonly string[] {
  return (workflow.spec.templates ?? []).flatMap((template) =>
    [template.container, ...(template.initContainers ?? [])]
      // The spec of `setup` is a Workflow parameter, which Argo substitutes.
      .filter((container) => container?.args?.[0] !== 'setup')
      .flatMap((container) =>
        (container?.env ?? []).flatMap(({ name, value }) =>
          name === ENV.spec ? [value ?? ''] : [],
        ),
      ),
  );
}

/** Whether the template's pod runs an agent's code. */
function hasGateway({ initContainers = [] }: Template): boolean {
  return initContainers.some(({ name }) => name === CONTAINERS.gateway);
}

/** Words in `depends` that are not names of tasks. */
function unresolved({ spec }: Pick<Workflow, 'spec'>): readonly string[] {
  const tasks = spec.templates?.[0]?.dag?.tasks ?? [];
  const names = new Set(tasks.map(({ name }) => name));
  return tasks
    .flatMap(({ depends = '' }) => depends.match(/[A-Za-z0-9][\w-]*(?=\.|\s|$)/g) ?? [])
    .filter((word) => !/^(Succeeded|Failed|Errored|Skipped|Omitted)$/.test(word))
    .filter((name) => !names.has(name));
}

describe('for every valid team', () => {
  test('the output is valid by Argo’s own schema', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const valid = isWorkflow(compiled(team));
        expect(isWorkflow.errors ?? []).toEqual([]);
        expect(valid).toBe(true);
      }),
    );
  });

  test('the order of keys does not change the output', () => {
    fc.assert(
      fc.property(validTeam, fc.nat(9), (team, seed) => {
        expect(toYaml(compiled(shuffled(team, seed)))).toBe(toYaml(compiled(team)));
      }),
    );
  });

  test('every name in depends is a task, and every task has a template', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const { spec } = compiled(team);
        const templates = new Set(spec.templates?.map(({ name }) => name));
        const tasks = spec.templates?.[0]?.dag?.tasks ?? [];
        expect(new Set(tasks.map(({ name }) => name)).size).toBe(tasks.length);
        for (const { template = '' } of tasks) expect(templates).toContain(template);
        expect(unresolved({ spec })).toEqual([]);
      }),
    );
  });

  test('every gate has a step behind it, which starts after the approval', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const { lifecycle } = team['spec'] as Pick<AgentTeam['spec'], 'lifecycle'>;
        const { tasks = [] } = compiled(team).spec.templates?.[0]?.dag ?? {};
        const named = new Map(tasks.map((task) => [task.name, task]));
        const gated = (lifecycle.approvalGates ?? []).flatMap(({ event }) => {
          const behind = named.get(event === 'deliver' ? 'Deliver' : event.replace('spawn-', ''));
          return behind === undefined ? [] : [{ gate: `Approve-${event}`, behind }];
        });
        const gates = tasks.map(({ name }) => name).filter((name) => name.startsWith('Approve-'));
        expect(gates).toEqual(gated.map(({ gate }) => gate));
        for (const { gate, behind } of gated) {
          const when = `{{tasks.${gate}.outputs.parameters.decision}} == approve`;
          expect(behind).toMatchObject({ depends: gate, when });
        }
        for (const { name, when } of tasks) {
          const isGated = gated.some(({ behind }) => behind.name === name);
          expect([name, when !== undefined]).toEqual([name, isGated]);
        }
      }),
    );
  });

  test('template names are unique and short enough for pod names', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const { metadata, spec } = compiled(team);
        const names = spec.templates?.map(({ name }) => name) ?? [];
        expect(new Set(names).size).toBe(names.length);
        expect((metadata.name ?? '').length).toBeLessThanOrEqual(52);
        for (const label of Object.values(metadata.labels ?? {})) {
          expect(label).toMatch(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/);
        }
        for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      }),
    );
  });

  test('every mount names a volume of its pod and has a unique path', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const { volumes: shared = [], templates = [] } = compiled(team).spec;
        for (const { volumes = [], initContainers = [], container } of templates) {
          const known = [...shared, ...volumes].map(({ name }) => name);
          expect(new Set(known).size).toBe(known.length);
          for (const one of [...initContainers, container]) {
            const mounts = one?.volumeMounts ?? [];
            for (const { name } of mounts) expect(known).toContain(name);
            expect(new Set(mounts.map(({ mountPath }) => mountPath)).size).toBe(mounts.length);
          }
        }
      }),
    );
  });

  test('Argo reads no file from a pod that runs an agent’s code, and trusts none that the agent could replace', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const { templates = [] } = compiled(team).spec;
        const pods = templates.filter(({ container }) => container !== undefined);
        const agents = pods.filter(({ container }) =>
          ['agent', 'checks'].includes(container?.args?.[0] ?? ''),
        );
        expect(agents.length).toBeGreaterThan(1);
        for (const { outputs, archiveLocation, sidecars, initContainers, container } of agents) {
          expect(outputs).toBeUndefined();
          // Only an explicit location keeps an artifact repository from archiving logs by default.
          expect(archiveLocation).toEqual({ archiveLogs: false, raw: { data: '' } });
          expect(sidecars).toBeUndefined();
          expect(initContainers?.find(({ name }) => name === CONTAINERS.gateway)).toMatchObject({
            restartPolicy: 'Always',
            startupProbe: { httpGet: { port: 'status' } },
          });
          const covered = (container?.volumeMounts ?? []).filter(
            ({ name, readOnly }) => name === ARGO_DIRECTORY.volume && readOnly,
          );
          expect(covered.map(({ mountPath }) => mountPath)).toEqual(
            ARGO_DIRECTORY.trusted.map((file) => `${ARGO_DIRECTORY.path}/${file}`),
          );
        }
        // Templates with outputs run no agent's code.
        for (const { outputs, container } of pods) {
          if (outputs === undefined) continue;
          expect(['deliver', 'finish']).toContain(container?.args?.[0]);
        }
      }),
    );
  });

  test('an agent can write to its own repository and worktree, read the base, and see no other agent’s', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        for (const { name = '', initContainers, container } of compiled(team).spec.templates ??
          []) {
          if (initContainers === undefined || !('repository' in (team['spec'] as object))) continue;
          const mounts = (container?.volumeMounts ?? []).filter(
            ({ subPath = '' }) => subPath === 'repository' || subPath.startsWith('repository/'),
          );
          const agent = name.startsWith('agent-') ? name.slice('agent-'.length) : 'team-lead';
          expect(
            mounts.map(({ subPath, readOnly = false }) => `${subPath} ${readOnly ? 'ro' : 'rw'}`),
          ).toEqual([
            'repository/base.git ro',
            `repository/own/${agent}.git rw`,
            `repository/trees/${agent} rw`,
          ]);
        }
      }),
    );
  });

  test('apart from mail and tasks, no pod mounts what another agent writes', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const writers = new Map<string, string>();
        for (const template of compiled(team).spec.templates ?? []) {
          if (!hasGateway(template)) continue;
          const { name = '', container } = template;
          // The checks run in the lead's worktree.
          const agent = name.startsWith('agent-') ? name : 'lead';
          for (const mount of container?.volumeMounts ?? []) {
            const { subPath = '', readOnly = false } = mount;
            const isShared = mount.name !== TEAM_VOLUME || ['teams', 'tasks'].includes(subPath);
            if (readOnly || isShared) continue;
            expect(writers.get(subPath) ?? agent).toBe(agent);
            writers.set(subPath, agent);
          }
        }
      }),
    );
  });

  test('an agent and its sidecars get no Secret and no token of a service account', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const { automountServiceAccountToken, templates = [] } = compiled(team).spec;
        expect(automountServiceAccountToken).toBe(false);
        for (const template of templates) {
          expect(template.automountServiceAccountToken).not.toBe(true);
          if (!hasGateway(template)) continue;
          const secrets = (template.volumes ?? [])
            .filter(({ secret, projected }) => secret !== undefined || projected !== undefined)
            .map(({ name }) => name);
          const others = (template.initContainers ?? []).filter(
            ({ name }) => name !== CONTAINERS.gateway && name !== CONTAINERS.setup,
          );
          for (const container of [template.container, ...others]) {
            const mounted = container?.volumeMounts?.map(({ name }) => name) ?? [];
            expect(mounted.filter((name) => secrets.includes(name))).toEqual([]);
            expect(container?.envFrom).toBeUndefined();
            const fromSecrets = container?.env?.filter(({ valueFrom }) => valueFrom?.secretKeyRef);
            expect(fromSecrets ?? []).toEqual([]);
          }
        }
      }),
    );
  });

  test('setup runs before every agent: in its own pod, or in one that it waits for', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        const { spec } = compiled(team);
        const templates = new Map(spec.templates?.map((one) => [one.name, one]));
        const tasks = new Map(spec.templates?.[0]?.dag?.tasks?.map((one) => [one.name, one]));
        const setsUp = (template: Template | undefined): boolean =>
          template?.initContainers?.some(({ name }) => name === 'setup') === true;
        const isSetUp = (name: string): boolean =>
          setsUp(templates.get(tasks.get(name)?.template ?? '')) ||
          [...(tasks.get(name)?.depends ?? '').matchAll(/([\w-]+)(?:\.Succeeded)?(?= |$)/g)].some(
            ([, other = '']) => isSetUp(other),
          );
        for (const [name, { template = '' }] of tasks) {
          if (!/^(lead|agent-.*|checks)$/.test(template)) continue;
          expect({ [name]: isSetUp(name) }).toEqual({ [name]: true });
          // Argo evaluates an expression with an unknown name to nothing.
          const retried = templates.get(template)?.retryStrategy?.expression ?? '';
          expect(retried.includes('setup')).toBe(setsUp(templates.get(template)));
        }
      }),
    );
  });
});

describe('hostile text', () => {
  /** Expands variables as Kubernetes does: `$(NAME)` becomes the value, `$$(` becomes `$(`. */
  const expanded = (text: string): string =>
    text.replace(/\$\$\(|\$\((\w+)\)/g, (found, name) => (found === '$$(' ? '$(' : `<${name}>`));

  test('reaches the container unchanged, through Argo and Kubernetes', () => {
    fc.assert(
      fc.property(validTeam, hostilePrompt, (team, prompt) => {
        const spec = team['spec'] as { lead: object };
        const workflow = compiled({ ...team, spec: { ...spec, lead: { prompt } } });
        const told = specs(workflow).map(
          (text) => JSON.parse(expanded(text)) as { role?: string; prompt?: string },
        );
        expect(told.find(({ role }) => role === 'lead')?.prompt).toBe(prompt);
      }),
      { numRuns: 300 },
    );
  });

  /** Escapes a text as Go's strconv.Quote does, without the quotes. */
  const quoted = (text: string): string =>
    text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      const known: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
      if (character === '"' || character === '\\') return `\\${character}`;
      if (code < 0x20 || code === 0x7f) {
        return known[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
      }
      return code < 0x10000
        ? `\\u${code.toString(16).padStart(4, '0')}`
        : `\\U${code.toString(16).padStart(8, '0')}`;
    });

  test('reaches the container unchanged as a parameter, which Argo quotes as Go does', () => {
    fc.assert(
      fc.property(validTeam, fc.oneof(hostileText, fc.string({ unit: 'binary' })), (team, text) => {
        // No input contains an unpaired surrogate.
        const prompt = `x${text.toWellFormed()}\x7f\u{e0001}`;
        const spec = team['spec'] as { lead: object };
        const { spec: made } = compiled({ ...team, spec: { ...spec, lead: { prompt } } });
        const [{ name = '', value = '' } = {}] = made.arguments?.parameters ?? [];
        const template = JSON.stringify(made.templates?.find((one) => one.name === 'lead'));
        const filled = template.replace(`{{workflow.parameters.${name}}}`, () => quoted(value));
        const [setup] = (JSON.parse(filled) as Template).initContainers ?? [];
        const told = JSON.parse(setup?.env?.find((one) => one.name === ENV.spec)?.value ?? '');
        expect(told.members[0].prompt).toBe(prompt);
      }),
      { numRuns: 300 },
    );
  });

  test('adds no tag to the Workflow', () => {
    fc.assert(
      fc.property(validTeam, (team) => {
        expect(JSON.stringify(compiled(team)).replaceAll(OURS, '')).not.toContain('{{');
      }),
    );
  });
});

test('2,000 valid and invalid teams cause no exception, and every accepted team compiles', () => {
  fc.assert(
    fc.property(fc.oneof(validTeam, brokenTeam), (object) => {
      const { team, problems } = checkObject(object);
      expect(team === undefined).toBe(problems.length > 0);
      if (team === undefined) return;
      const result = compile(team);
      if (result.compiled === undefined) expect(result.problems.length).toBeGreaterThan(0);
      else {
        expect(isWorkflow(result.compiled.workflow)).toBe(true);
        expect(unresolved(result.compiled.workflow)).toEqual([]);
      }
    }),
    { numRuns: 2000 },
  );
});

test('any text is read without an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), hostileText), (text) => {
      const { compiled: result, problems } = compileText(text);
      expect(result === undefined).toBe(problems.length > 0);
    }),
    { numRuns: 500 },
  );
});
