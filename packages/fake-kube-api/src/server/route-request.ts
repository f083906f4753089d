import type { IncomingMessage } from 'node:http';
import { discoveryResponse } from '../core/discovery.ts';
import { methodNotAllowed } from '../core/status-errors.ts';
import { reviewAccess } from './access-reviews.ts';
import type { ApiContext, RequestLine } from './api-context.ts';
import type { UserInfo } from './authentication.ts';
import { openApiResponse } from './openapi-routes.ts';
import { upgradeRequired } from './exec/exec-request.ts';
import { bindPod, evictPod, refuseContainerAction } from './pod-actions.ts';
import { readBody } from './read-body.ts';
import { isTrue, type ResourceRequest } from './request-info.ts';
import { runVerb } from './resource-verbs.ts';
import { type Answer, bodyAnswer } from './respond.ts';
import { SERVER_VERSION } from './server-version.ts';

const HEALTH_PATHS = new Set(['/healthz', '/livez', '/readyz']);

/** What the API server answers, as text, where it knows no such path or resource. */
export const PAGE_NOT_FOUND: Answer = {
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  body: '404 page not found\n',
};

/** Answers everything that is neither a watch nor a log. */
export async function routeRequest(
  context: ApiContext,
  line: RequestLine,
  user: UserInfo,
  message: IncomingMessage,
): Promise<Answer> {
  if (!line.resource) return answerPath(context, line, message);
  return answerResource(context, line, line.resource, user, message);
}

function answerPath({ store }: ApiContext, { method, path, query }: RequestLine, message: IncomingMessage): Answer {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  if (path === '/version' || path === '/version/') return bodyAnswer(200, SERVER_VERSION);
  const [, health = ''] = path.split('/');
  if (HEALTH_PATHS.has(`/${health}`)) {
    const body =
      isTrue(query.get('verbose')) || query.get('verbose') === '' ? `[+]ping ok\n${health} check passed\n` : 'ok';
    return { status: 200, contentType: 'text/plain; charset=utf-8', body };
  }
  const { accept } = message.headers;
  const openApi = openApiResponse(path, accept, store.definitions);
  if (openApi) {
    const { 'content-type': contentType = 'application/json', ...headers } = openApi.headers;
    return { status: openApi.status, contentType, body: openApi.body, headers };
  }
  const found = discoveryResponse(path, accept, store.definitions);
  if (!found) return PAGE_NOT_FOUND;
  return { ...bodyAnswer(200, found.body), contentType: found.contentType, headers: { vary: 'Accept' } };
}

async function answerResource(
  context: ApiContext,
  { query }: RequestLine,
  request: ResourceRequest,
  user: UserInfo,
  message: IncomingMessage,
): Promise<Answer> {
  const { store, authorize } = context;
  const { group, version, resource, subresource, verb, name, namespace } = request;
  const body = await readBody(message);
  if (verb === 'create') {
    const review = reviewAccess({ group, version, resource, body: body?.value, user, store, authorize });
    if (review) return bodyAnswer(201, review);
  }
  const definition = store.definition(request);
  if (!definition) return PAGE_NOT_FOUND;
  const isPod = group === '' && resource === 'pods' && name !== undefined && namespace !== undefined;
  if (isPod && subresource !== undefined) {
    refuseContainerAction(store, request);
    if (subresource === 'exec') {
      store.get(request, namespace, name);
      throw upgradeRequired(verb);
    }
    if (subresource === 'eviction' || subresource === 'binding') {
      if (verb !== 'create') throw methodNotAllowed();
      const act = subresource === 'eviction' ? evictPod : bindPod;
      return bodyAnswer(201, act(store, namespace, name, body?.value, query.getAll('dryRun').includes('All')));
    }
  }
  if (subresource !== undefined) {
    const offered = definition.subresources.find((one) => one.name === subresource);
    if (!offered) return PAGE_NOT_FOUND;
    if (!(offered.verbs as readonly string[]).includes(verb)) throw methodNotAllowed();
  }
  return runVerb({
    store,
    definition,
    request,
    query,
    accept: message.headers.accept,
    userAgent: message.headers['user-agent'],
    body,
    nowMs: context.now(),
  });
}
