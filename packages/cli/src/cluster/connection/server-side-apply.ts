import { jsonForYaml } from '@agentteam/text';
import { PatchStrategy, setHeaderMiddleware, setHeaderOptions } from '@kubernetes/client-node';

const TYPE = setHeaderMiddleware('Content-Type', PatchStrategy.ServerSideApply);

/** Server-side apply, of a body that the API server reads as YAML. */
export const SERVER_SIDE_APPLY: ReturnType<typeof setHeaderOptions> = setHeaderOptions(
  'Content-Type',
  PatchStrategy.ServerSideApply,
  {
    middleware: [
      {
        ...TYPE,
        pre: (request) => {
          const body = request.getBody();
          if (typeof body === 'string') request.setBody(jsonForYaml(JSON.parse(body)));
          return TYPE.pre(request);
        },
      },
    ],
  },
);
