import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { LABELS, RESTRICTED_GATES, STEPS, TEMPLATES } from '@agentteam/contract';
import type { Plan } from '../plan/plan.ts';
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
import { agentPlacement, placement } from './placement.ts';
import { emitRollCall } from './roll-call.ts';
import { withServiceAccount } from './service-account.ts';
import { SETUP_PARAMETER } from './setup.ts';
import { parameterJson } from './spec-json.ts';
import type { EmitContext } from './template.ts';
import { ARGO_VOLUME } from './volumes/argo-files.ts';
import { teamVolume } from './volumes/claim.ts';

type Emitters = {
  readonly [Kind in Step['kind']]: (step: StepOf<Kind>, context: EmitContext) => Template;
};

/** A new kind of step does not compile until it has an emitter. */
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

/** Puts the pod of an agent where its environment says. */
function inEnvironment(step: Step, template: Template, options: ResolvedOptions): Template {
  const agent = step.kind === 'agent' ? step.agent : step.kind === 'checks' ? step.lead : undefined;
  if (agent === undefined) return template;
  const place = agentPlacement(agent, options);
  return withServiceAccount(
    Object.keys(place).length === 0 ? template : { ...template, ...place },
    agent.environment.serviceAccountName ?? template.serviceAccountName,
  );
}

export function emit(team: ResolvedTeam, plan: Plan, options: ResolvedOptions): Workflow {
  const { metadata } = team;
  const { steps, setup } = plan;
  const context: EmitContext = { team, options };
  const templates = steps.map((step) => ({
    step,
    template: inEnvironment(step, emitStep(step, context), options),
  }));
  const tasks = templates.flatMap(({ step, template }) => taskOf(step, template));
  const volumes = [teamVolume(team), ARGO_VOLUME, ...outsideVolumes(options)];
  const labels = { [LABELS.team]: shorten(metadata.name, 63) };
  const account = options.pods.executorServiceAccount;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name: team.ref.team,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      labels: {
        ...labels,
        'app.kubernetes.io/managed-by': 'agentteam',
        ...(team.gates.some(({ isRestricted }) => isRestricted) && {
          [LABELS.gates]: RESTRICTED_GATES,
        }),
      },
      annotations: {
        'workflows.argoproj.io/title': title(team),
        'workflows.argoproj.io/description': description(team),
      },
    },
    spec: {
      entrypoint: TEMPLATES.team,
      onExit: TEMPLATES.exit,
      arguments: { parameters: [{ name: SETUP_PARAMETER, value: parameterJson(setup) }] },
      activeDeadlineSeconds: team.limits.timeoutSeconds,
      serviceAccountName: account,
      automountServiceAccountToken: false,
      executor: { serviceAccountName: account },
      ...placement(options, team, labels),
      securityContext: POD_SECURITY,
      podGC: { strategy: 'OnWorkflowSuccess' },
      volumes,
      templates: [
        // Argo judges a DAG by its last tasks alone, unless `target` names the tasks that count. All tasks
        // count here; otherwise a roll call that succeeded would hide the teammate that failed.
        {
          name: TEMPLATES.team,
          dag: { failFast: false, target: tasks.map(({ name }) => name).join(' '), tasks },
        },
        ...templates.map(({ template }) => template),
        // The last step is inside a DAG because Argo otherwise does not count its attempts as part of the exit
        // handler: at a deadline it fails an attempt whose pod has not started.
        {
          name: TEMPLATES.exit,
          dag: {
            failFast: false,
            target: STEPS.finish,
            tasks: [{ name: STEPS.finish, template: TEMPLATES.finish }],
          },
        },
      ],
    },
  };
}

/** The DAG's task for a step. The step of the exit handler has none. */
function taskOf(step: Step, template: Template): readonly DAGTask[] {
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
