import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { type ApiResponse, genericErrors } from '@esplanade/ontap';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { type DocsFile, docsPolicy } from './api-docs/api-docs.ts';
import { Edge } from './edge/edge.ts';
import {
  bodyLimitBytes,
  edgeError,
  edgeErrors,
  headerLimitBytes,
  plainError,
  standardHeaders,
} from './edge/edge-error.ts';
import { askingLimits, defaultEdgeLimits, type EdgeLimits } from './edge/edge-limits.ts';
import { refusalOfHost } from './edge/host-header.ts';
import { letBodyCome } from './edge/interim-answer.ts';
import { PartingWords } from './edge/parting-words.ts';
import { Unheard, type UnheardRequest } from './edge/unheard.ts';
import { endUnread, hasUnreadBody } from './edge/unread-body.ts';
import { type Health, publicHealth } from './health.ts';
import { IdentifiedRequest, unmapped } from './identified-request.ts';
import { type LogSettings, logStream } from './log.ts';
import type { Authenticator, Credentials } from './logins/authenticator.ts';
import { clientCertificateOf } from './logins/client-certificate.ts';
import type { AuthenticationResult, Credentialed, Refusal } from './logins/login-result.ts';
import type { Answered } from './metrics/request-meter.ts';
import {
  answerError,
  asError,
  lateAnswer,
  refuse,
  refuseMethod,
  sendAllowed,
  sendAsIs,
  sendError,
  turnAway,
} from './replies.ts';

declare module 'fastify' {
  interface FastifyInstance {
    readonly edge: Edge;
    /** Tells of what was refused before anybody asked whose it is. */
    readonly unheard: Unheard;
  }
  interface FastifyRequest {
    /** Who asks, once that is known. */
    account: Credentialed | undefined;
    /** The template of the path, where the API knows it. */
    route: string | undefined;
  }
}

/** The HTTPS server before anybody told it what to serve; its `log` is the log of the whole process. */
export type App = FastifyInstance<Server>;

/** What the routes answer from. */
export interface AppParts {
  readonly api: { handle(request: IdentifiedRequest): Promise<ApiResponse> };
  readonly authenticator: Authenticator;
  readonly openApi: () => string;
  /** A page of the documentation, or what it needs. */
  readonly docs: (path: string) => DocsFile | undefined;
  readonly health: () => Promise<Health>;
  readonly metrics: () => Promise<string>;
  /** Whether an account may have them, and be told why the node is not ready. */
  readonly maySeeMetrics: (account: Credentialed) => boolean;
  /** Told once of every request that was not let in for want of a login. */
  readonly onLoginRefused: (refusal: RefusedLogin) => void;
  /** Told once of every request of the API that would change something and was refused before a login was looked at. */
  readonly onUnheard: (request: UnheardRequest) => void;
  /**
   * Told of what accounts were refused before it came to `api`, before they hear it; tells what to answer instead where the
   * refusal could not be recorded.
   */
  readonly onRefused: (request: IdentifiedRequest, status: number) => Promise<RefusalAnswer | undefined>;
  /** Told of every answer, for the counters. */
  readonly onAnswered: (answered: Answered) => void;
}

/** An answer in place of a refusal. */
export interface RefusalAnswer {
  readonly status: number;
  readonly body: string;
}

/** A login that was refused: why, about whom, and from where it came. */
export interface RefusedLogin extends Refusal {
  readonly source: string;
}

/**
 * Makes the server and its log. It has no certificate yet (`app.server.setSecureContext`), so that a new one can be
 * taken up without closing a connection, and no routes (`addRoutes`).
 */
export function createApp(
  log: LogSettings,
  writeLog: (line: string) => void,
  limits: EdgeLimits = defaultEdgeLimits,
): App {
  const app: App = fastify({
    https: {
      maxHeaderSize: headerLimitBytes,
      handshakeTimeout: askingLimits.handshakeMs,
      headersTimeout: askingLimits.headersMs,
      connectionsCheckingInterval: askingLimits.lookMs,
      // It is looked for below: Node's own answer would be without a body.
      requireHostHeader: false,
    },
    logger: { level: log.level, stream: logStream(log.format, writeLog) },
    // Its lines carry whole URLs, and a filter in a URL may be a secret somebody mistook for a field.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    // Nobody counts others' requests by them.
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: askingLimits.requestMs,
    routerOptions: { maxParamLength: 16_384, ignoreDuplicateSlashes: true },
    exposeHeadRoutes: false,
    // What arrives on an open connection while we drain is still served.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      unheard.refused(request.raw, 'unreadable-url');
      answerError(error, request, reply);
    },
    clientErrorHandler: (error, socket) => partingWords.say(error.code, socket),
  });
  const partingWords = new PartingWords(app.server);
  const edge = new Edge(app.server, limits);
  app.decorate('edge', edge);
  const unheard = new Unheard();
  app.decorate('unheard', unheard);
  // Node's own answer would be without a body.
  app.server.on('checkExpectation', (request, response: ServerResponse) => {
    unheard.refused(request, 'unknown-expectation');
    const { status, body } = edgeError({ statusCode: 417 }, '');
    const headers = { 'content-type': 'application/hal+json', 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, { ...standardHeaders, ...headers }).end(body);
  });
  // Who is to be told to go on is told when his body is wanted.
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    app.server.emit('request', request, response),
  );
  // So that the API sees a body where ONTAP allows none, and says so.
  for (const method of ['GET', 'HEAD']) app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(standardHeaders).header('x-request-id', request.id);
    // Every body is JSON, whatever it is said to be; fastify would refuse a type that is not well formed.
    delete request.raw.headers['content-type'];
    const hostless = refusalOfHost(request.raw);
    if (hostless !== undefined) {
      unheard.refused(request.raw, 'no-single-host');
      sendError(reply.header('connection', 'close'), hostless);
      return;
    }
    const refusal = edge.refuses(request.raw);
    if (refusal !== undefined) {
      const isForged = refusal.error === edgeErrors.foreignPage;
      unheard.refused(request.raw, isForged ? 'page-of-another-site' : 'too-many-connections');
      turnAway(reply.header('connection', 'close'), refusal);
    } else if (request.is404) {
      unheard.refused(request.raw, 'unknown-method');
      sendError(reply, plainError(genericErrors.apiNotFound));
    } else done();
  });
  // An answer before the body is there is a refusal.
  app.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (hasUnreadBody(raw)) {
      reply.header('connection', 'close');
      endUnread(raw);
    }
    done(null, payload);
  });
  app.setErrorHandler((error, request, reply) => answerError(asError(error), request, reply));
  app.setNotFoundHandler((_request, reply) => sendError(reply, plainError(genericErrors.apiNotFound)));
  return app;
}

/** Methods that change what they are about; nothing outside the API is changed. */
const writing = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Adds everything the server answers. */
export function addRoutes(app: App, parts: AppParts): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, account } = request;
    const { statusCode: status, elapsedTime } = reply;
    // Never the path itself: whatever was sent to the wrong place may be in it.
    const route = request.route ?? request.routeOptions.url;
    parts.onAnswered({ method, route, status, seconds: elapsedTime / 1_000 });
    const told = { method, route: route ?? 'other', status, ms: Math.round(elapsedTime * 1_000) / 1_000 };
    const source = unmapped(request.raw.socket.remoteAddress);
    request.log.debug({ ...told, source, ...(account && { account: calledIn(account) }) }, 'answered');
    done();
  });

  app.unheard.listen(parts.onUnheard);
  const tellRefusal = (request: FastifyRequest, { reason, account }: Refusal): void => {
    const source = unmapped(request.raw.socket.remoteAddress) ?? '';
    parts.onLoginRefused({ reason, source, ...(account !== undefined && { account }) });
  };
  // Asked before the body is read: of one that is not small, nobody unknown makes us read more than has come by then.
  app.decorateRequest('account', undefined);
  app.decorateRequest('route', undefined);
  const onRequest = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const settle = (result: AuthenticationResult): void => {
      if (result.kind === 'authenticated') {
        request.account = result.account;
        app.edge.receive(keyOf(result.account), request.raw, (refusal) => {
          if (refusal !== undefined) turnAway(reply, refusal);
          else {
            letBodyCome(request.raw, reply.raw);
            done();
          }
        });
      } else {
        tellRefusal(request, result);
        refuse(reply, result);
      }
    };
    const result = parts.authenticator.authenticate(credentialsOf(request));
    if (result instanceof Promise) result.then(settle, done);
    else settle(result);
  };
  // Once the body is there: who lets it wait takes nobody's place.
  const preValidation = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    app.edge.admit(keyOf(accountOf(request)), request.raw, reply.raw, (refusal) => {
      if (refusal === undefined) done();
      else turnAway(reply, refusal);
    });
  };
  const whenLetIn = { onRequest, preValidation };
  const accountOf = ({ account }: FastifyRequest): Credentialed => {
    if (account === undefined) throw new Error('a request got past authentication without an account');
    return account;
  };

  app.addHook('onSend', (request, reply, payload, done) => {
    const { account } = request;
    if (account === undefined) return done(null, payload);
    parts.onRefused(new IdentifiedRequest(request, reply, account), reply.statusCode).then((answer) => {
      if (answer !== undefined) reply.code(answer.status);
      done(null, answer?.body ?? payload);
    }, done);
  });
  for (const url of ['/api', '/api/*'])
    app.all(url, whenLetIn, (request, reply) => {
      const identified = new IdentifiedRequest(request, reply, accountOf(request));
      const late = setTimeout(() => {
        identified.abandon();
        sendAsIs(request, reply, lateAnswer);
      }, app.edge.answerLimitMs(request.method));
      reply.raw.once('close', () => clearTimeout(late));
      parts.api
        .handle(identified)
        .finally(() => clearTimeout(late))
        .then((response) => {
          if (!reply.sent) sendAsIs(request, reply, response);
        })
        .catch((error: unknown) => {
          if (!reply.sent) reply.send(asError(error));
        });
    });
  // Load balancers and link checkers ask with HEAD.
  const withHead = { exposeHeadRoute: true };
  // They count what is of all SVMs.
  const preHandler = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (parts.maySeeMetrics(accountOf(request))) done();
    else sendError(reply, plainError(genericErrors.notAuthorized));
  };
  app.get('/metrics', { ...whenLetIn, preHandler, ...withHead }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await parts.metrics()),
  );
  app.options('/metrics', { ...whenLetIn, preHandler }, (_request, reply) => sendAllowed(reply));
  for (const url of ['/openapi.json', '/healthz', '/readyz'])
    app.options(url, (_request, reply) => sendAllowed(reply));
  // Before the body is read.
  for (const url of ['/openapi.json', '/healthz', '/readyz', '/metrics'])
    app.route({ method: writing, url, onRequest: refuseMethod, handler: refuseMethod });
  const asReader = {
    ...withHead,
    onRequest: (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      app.edge.admitReader(request.raw, reply.raw, (refusal) => {
        if (refusal === undefined) done();
        else turnAway(reply, refusal);
      });
    },
  };
  app.get('/openapi.json', asReader, (_request, reply) =>
    reply.type('application/json').send(parts.openApi()),
  );
  for (const url of ['/docs/api', '/docs/api/*']) {
    app.options(url, (request, reply) =>
      parts.docs(pathOf(request.url)) === undefined
        ? sendError(reply, plainError(genericErrors.apiNotFound))
        : sendAllowed(reply),
    );
    app.get(url, asReader, (request, reply) => {
      const file = parts.docs(pathOf(request.url));
      if (file === undefined) return sendError(reply, plainError(genericErrors.apiNotFound));
      return reply.header('content-security-policy', docsPolicy).type(file.type).send(file.text);
    });
  }
  app.get('/healthz', withHead, (_request, reply) => reply.type('application/json').send('{"alive":true}\n'));
  app.get('/readyz', withHead, async (request, reply) => {
    const health = await parts.health();
    // Probes have no account, and one that is not let in still has to know.
    const who = await parts.authenticator.authenticate(credentialsOf(request));
    if (who.kind !== 'authenticated' && who.reason !== 'nothing-shown') tellRefusal(request, who);
    const isOfCluster = who.kind === 'authenticated' && parts.maySeeMetrics(who.account);
    const told = isOfCluster ? health : publicHealth(health);
    return reply
      .code(health.ready ? 200 : 503)
      .type('application/json')
      .send(`${JSON.stringify(told, undefined, 2)}\n`);
  });
}

function credentialsOf({ headers, raw }: FastifyRequest): Credentials {
  const { socket } = raw;
  return {
    authorization: headers.authorization,
    clientCertificate: () => clientCertificateOf(socket),
    remoteAddress: socket.remoteAddress,
    onGone: (callback) => raw.once('close', callback),
  };
}

/** Which account it is, whatever it is called. */
function keyOf({ name, scope }: Credentialed): string {
  return `${scope.kind === 'svm' ? scope.svm.uuid : ''} ${name}`;
}

/** An account as it logs in. */
function calledIn({ name, scope }: Credentialed): string {
  return scope.kind === 'svm' ? `${scope.svm.name}\\${name}` : name;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
