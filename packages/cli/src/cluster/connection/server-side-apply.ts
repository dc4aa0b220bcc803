import { jsonForYaml } from '@agentteam/text';
import { PatchStrategy, setHeaderMiddleware, setHeaderOptions } from '@kubernetes/client-node';

const TYPE = setHeaderMiddleware('Content-Type', PatchStrategy.ServerSideApply);

/** Options of a request for server-side apply, whose body the API server reads as YAML. */
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
