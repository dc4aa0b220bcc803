import { createHash } from 'node:crypto';
import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import fc from 'fast-check';
import { atExit, task, workflow } from '../../packages/local/test/workflows.ts';

/** The behaviour of a generated step. */
interface Step {
  readonly kind: 'ends' | 'retried' | 'gate';
  readonly exitCode: number;
  /** The termination message of its main container. */
  readonly message: string;
  /** How its init container ends; undefined for a step without one. */
  readonly setup: number | undefined;
  /** How its native sidecar ends on SIGTERM; undefined for a step without one. */
  readonly sidecar: number | undefined;
  readonly retries: number;
  readonly policy: 'Always' | 'OnError';
  /** What its condition requires of the gate: a decision, or a proof that the gate does or does not have. */
  readonly when: 'none' | 'approve' | 'reject' | 'proof' | 'no proof';
  readonly waits: readonly (readonly (readonly [before: number, end: string])[])[];
}

const wait = fc.tuple(
  fc.nat({ max: 4 }),
  fc.constantFrom('Succeeded', 'Succeeded', 'Failed', 'Skipped', 'Omitted'),
);
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('ends', 'ends', 'retried', 'gate'),
    exitCode: fc.constantFrom(0, 0, 0, 1, 77),
    message: fc.constantFrom('', 'It is wrong.', 'It:\n{{workflow.name}}\n'),
    setup: fc.constantFrom(undefined, undefined, 0, 3, 68, 143),
    sidecar: fc.constantFrom(undefined, undefined, 0, 3, 143),
    retries: fc.integer({ min: 1, max: 2 }),
    policy: fc.constantFrom('Always', 'OnError'),
    when: fc.constantFrom('none', 'none', 'approve', 'reject', 'proof', 'no proof'),
    waits: fc.array(fc.array(wait, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
  }),
  { minLength: 2, maxLength: 5 },
);

/** Generates Workflows with the features that the compiler uses, and steps that end at once. */
export const workflows: fc.Arbitrary<Workflow> = steps.map((all) => {
  const { spec, ...rest } = workflow(
    all.map((step, index) => taskOf(all, step, index)),
    [...all.map(templateOf), leaf('farewell', end({ exitCode: 0, message: '' }))],
  );
  const { volumes: _, ...kept } = spec;
  const parameters = [{ name: 'word', value: 'said "so" \u00e9\ud83d\ude42' }];
  return atExit({ ...rest, spec: { ...kept, arguments: { parameters } } }, 'farewell');
});

function taskOf(all: readonly Step[], step: Step, index: number): DAGTask {
  const before = all.slice(0, index);
  const conditions = index === 0 ? [] : step.waits;
  const depends = conditions
    .map((group) => `(${group.map(([n, end]) => `t${n % index}.${end}`).join(' && ')})`)
    .join(' || ');
  // As in compiled Workflows, a condition refers to a gate that the step depends on.
  const asked = before.findIndex(({ kind }) => kind === 'gate');
  const gated = step.when !== 'none' && asked !== -1 && step.kind !== 'gate';
  const waits = gated ? [depends && `(${depends})`, `t${asked}.Succeeded`] : [depends];
  return {
    ...task(`t${index}`, `s${index}`, waits.filter(Boolean).join(' && ') || undefined),
    ...(gated && {
      when: condition(`t${asked}`, step.when),
    }),
  };
}

const PROOF = 'what the gate supplies';

/** The conditions that the compiler emits behind both kinds of gates. */
function condition(gate: string, when: Step['when']): string {
  if (when !== 'proof' && when !== 'no proof') {
    return `{{tasks.${gate}.outputs.parameters.decision}} == ${when}`;
  }
  const hash = createHash('sha256')
    .update(when === 'proof' ? PROOF : 'another')
    .digest('hex');
  return `{{=sprig.sha256sum(tasks['${gate}']?.outputs?.parameters?.proof ?? '') == '${hash}'}}`;
}

function templateOf(step: Step, index: number): Template {
  const { kind, retries, policy } = step;
  const name = `s${index}`;
  switch (kind) {
    case 'gate':
      return {
        name,
        // The gate times out at once, so nobody has to answer it.
        suspend: { duration: '1s' },
        outputs: {
          parameters: [
            { name: 'decision', valueFrom: { supplied: {}, default: 'approve' } },
            { name: 'reason', valueFrom: { supplied: {}, default: '' } },
            { name: 'proof', valueFrom: { supplied: {}, default: PROOF } },
          ],
        },
      };
    case 'ends':
      return { ...leaf(name, work(step)), ...before(step) };
    case 'retried':
      return {
        ...leaf(name, work(step)),
        ...before(step),
        retryStrategy: {
          limit: String(retries),
          retryPolicy: policy,
          ...(policy === 'Always' && {
            expression:
              '!(asInt(lastRetry.exitCode) in [64, 77]) && !sprig.regexMatch("^setup: Error [(]exit code (64|68)[)]", lastRetry.message)',
          }),
        },
      };
  }
}

/** Gives a sidecar time to install its signal handler. */
const READY = '"$AGENTTEAM_ROOT/tmp/ready"';

/** The script of a step's main container. */
const work = (step: Step): string =>
  step.sidecar === undefined
    ? end(step)
    : `until [ -e ${READY} ]; do sleep 0.05; done; ${end(step)}`;

/** The init container and the native sidecar of a step. */
function before({ setup, sidecar, message }: Step): Pick<Template, 'initContainers'> {
  const volumeMounts = [{ name: 'tmp', mountPath: '/tmp' }];
  const shell = (name: string, text: string) => ({
    ...{ name, image: 'test', command: ['sh'], args: [text], volumeMounts },
  });
  const containers = [
    ...(setup === undefined ? [] : [shell('setup', end({ exitCode: setup, message }))]),
    ...(sidecar === undefined
      ? []
      : [
          {
            ...shell(
              'sidecar',
              `stop() { ${end({ exitCode: sidecar, message })}; }; trap stop TERM; touch ${READY}; while :; do sleep 0.05; done`,
            ),
            restartPolicy: 'Always',
          },
        ]),
  ];
  return containers.length === 0 ? {} : { initContainers: containers };
}

const end = ({ exitCode, message }: Pick<Step, 'exitCode' | 'message'>): string =>
  [
    'mkdir -p "$AGENTTEAM_ROOT/tmp/outputs"',
    `printf %s '{{workflow.parameters.word}}' > "$AGENTTEAM_ROOT/tmp/outputs/word"`,
    // Octal escapes, because braces in the template's text would be a tag.
    `printf '${message.replaceAll('{', '\\173').replaceAll('\n', '\\n')}' > "$AGENTTEAM_ROOT/dev/termination-log"`,
    `exit ${exitCode}`,
  ].join('; ');

function leaf(name: string, text: string): Template {
  return {
    name,
    volumes: [{ name: 'tmp', emptyDir: {} }],
    container: {
      image: 'test',
      command: ['sh'],
      args: [text],
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    },
    outputs: {
      parameters: ['word', 'none'].map((parameter) => ({
        name: parameter,
        valueFrom: { path: `/tmp/outputs/${parameter}`, default: '-' },
      })),
    },
  };
}
