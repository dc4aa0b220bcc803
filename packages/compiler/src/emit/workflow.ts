import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { LABELS, RESTRICTED_GATES, STEPS } from '@agentteam/contract';
import { setupSpec } from '../plan/plan.ts';
import type { Step, StepOf } from '../plan/step.ts';
import { shorten } from '../resolve/names.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { emitAgent } from './agent.ts';
import { emitChecks } from './checks.ts';
import { POD_SECURITY } from './container.ts';
import { emitDeliver } from './deliver.ts';
import { description, title } from './describe.ts';
import { emitFinish } from './finish.ts';
import { emitGate } from './gate.ts';
import { outsideVolumes } from './outside.ts';
import { placement } from './placement.ts';
import { emitRollCall } from './roll-call.ts';
import { SETUP_PARAMETER } from './setup.ts';
import { parameterJson } from './spec-json.ts';
import type { EmitContext } from './template.ts';
import { ARGO_VOLUME, teamVolume } from './volumes.ts';

type Emitters = {
  readonly [Kind in Step['kind']]: (step: StepOf<Kind>, context: EmitContext) => Template;
};

/** A kind of step that has no emitter does not compile. */
const EMITTERS: Emitters = {
  agent: emitAgent,
  gate: emitGate,
  'roll-call': emitRollCall,
  checks: emitChecks,
  deliver: emitDeliver,
  finish: emitFinish,
};

function emitStep<Kind extends Step['kind']>(step: StepOf<Kind>, context: EmitContext): Template {
  return EMITTERS[step.kind as Kind](step, context);
}

const ENTRYPOINT = 'team';
const EXIT = 'exit';

export function emit(
  team: ResolvedTeam,
  steps: readonly Step[],
  options: ResolvedOptions,
): Workflow {
  const { spec, metadata } = team.team;
  const context = { team, options, logLevel: spec.observability?.logLevel ?? 'info' };
  const templates = steps.map((step) => ({ step, template: emitStep(step, context) }));
  const tasks = templates.flatMap(({ step, template }) => task(step, template));
  const volumes = [teamVolume(team), ARGO_VOLUME, ...outsideVolumes(options)];
  const labels = { [LABELS.team]: shorten(metadata.name, 63) };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name: team.workflowName,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      labels: {
        ...labels,
        'app.kubernetes.io/managed-by': 'agentteam',
        ...(steps.some((step) => step.kind === 'gate' && step.restricted) && {
          [LABELS.gates]: RESTRICTED_GATES,
        }),
      },
      annotations: {
        'workflows.argoproj.io/title': title(team),
        'workflows.argoproj.io/description': description(team),
      },
    },
    spec: {
      entrypoint: ENTRYPOINT,
      onExit: EXIT,
      arguments: { parameters: [{ name: SETUP_PARAMETER, value: parameterJson(setupSpec(team)) }] },
      activeDeadlineSeconds: team.timeoutSeconds,
      serviceAccountName: options.executorServiceAccount,
      automountServiceAccountToken: false,
      executor: { serviceAccountName: options.executorServiceAccount },
      ...placement(options, labels),
      securityContext: POD_SECURITY,
      podGC: { strategy: 'OnWorkflowSuccess' },
      volumes,
      templates: [
        // Argo judges a DAG by its last tasks alone, unless it is told which ones count: all do here, or a
        // roll call that succeeded would hide the teammate that failed.
        {
          name: ENTRYPOINT,
          dag: { failFast: false, target: tasks.map(({ name }) => name).join(' '), tasks },
        },
        ...templates.map(({ template }) => template),
        // Argo takes the attempts at a step for no part of its exit handler where they are not inside of it:
        // at a deadline it fails one whose pod has not begun.
        {
          name: EXIT,
          dag: {
            failFast: false,
            target: STEPS.finish,
            tasks: [{ name: STEPS.finish, template: 'finish' }],
          },
        },
      ],
    },
  };
}

/** The DAG's task for a step; none for the step that Argo runs at the end. */
function task(step: Step, template: Template): readonly DAGTask[] {
  if (step.kind === 'finish') return [];
  const { name, depends, when, parameters } = step.task;
  return [
    {
      name,
      template: template.name ?? '',
      ...(depends !== undefined && { depends }),
      ...(when !== undefined && { when }),
      ...(parameters !== undefined && {
        arguments: {
          parameters: Object.entries(parameters).map(([key, value]) => ({ name: key, value })),
        },
      }),
    },
  ];
}
