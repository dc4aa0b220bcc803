// Writes argo.openapi.json: the schemas of Argo's Workflow family, and of the Kubernetes types they reach.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readModels } from './read-models.mjs';

const require = createRequire(import.meta.url);
const manifest = require.resolve('@kubernetes-models/argo-workflows/package.json');
const models = join(dirname(manifest), 'argoproj.io/v1alpha1');
const kinds = ['Workflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate', 'CronWorkflow'];

const schemas = readModels(
  kinds.map((kind) => join(models, `${kind}.d.ts`)),
  join(dirname(manifest), '../..'),
);

// Where the models ask for more than Argo does, or say something else than what it reads:
// Argo names containers itself, and fills in images from its configuration;
schemas.CoreV1Container.required = ['image'];
// a claim template inside a Workflow needs no header of its own;
const header = new Set(['apiVersion', 'kind']);
const claim = schemas.CoreV1PersistentVolumeClaim;
claim.required = claim.required.filter((field) => !header.has(field));
// and parallel steps are written as a bare list.
schemas.ParallelSteps = { type: 'array', items: { $ref: '#/components/schemas/WorkflowStep' } };

const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
const document = {
  openapi: '3.1.0',
  info: { title: 'Argo Workflows', version },
  paths: {},
  components: { schemas },
};
writeFileSync(new URL('../argo.openapi.json', import.meta.url), JSON.stringify(document, null, 2));
