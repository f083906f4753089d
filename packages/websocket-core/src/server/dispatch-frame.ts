import type { Decoded } from '../protocol/decode.ts';
import { wireError } from '../protocol/encode.ts';
import type { ConnectingPeerFrame } from '../protocol/frames.ts';
import type { Connection } from './connection.ts';
import { guarded } from './guarded.ts';

/** A decoded message that did not cost the connection. */
export type Dispatchable = Exclude<Decoded<ConnectingPeerFrame>, { kind: 'malformed' }>;

/** Does what a frame of an open connection asks for. */
export function dispatchFrame(connection: Connection, decoded: Dispatchable): void {
  if (decoded.kind !== 'frame') {
    answerUnusable(connection, decoded);
    return;
  }
  const { frame } = decoded;
  switch (frame.type) {
    case 'request':
      connection.requests.serve(frame);
      break;
    case 'response':
      connection.requests.answered(frame);
      break;
    case 'cancel':
      connection.requests.cancel(frame.id);
      break;
    case 'ping':
      connection.send({ type: 'pong', t: frame.t });
      break;
    case 'message':
      receiveMessage(connection, frame.name, frame.data);
      break;
    case 'error':
      connection.context.logger.warn(
        { connectionId: connection.id, code: frame.code, about: frame.about },
        `peer reports: ${frame.message.slice(0, 200)}`,
      );
      break;
    case 'stream.open':
      connection.send({
        type: 'stream.close',
        id: frame.id,
        code: 'STREAM_REFUSED',
        reason: 'this endpoint opens no streams',
      });
      break;
    default:
      // pong and stream.close need no answer
      break;
  }
}

function answerUnusable(connection: Connection, decoded: Exclude<Dispatchable, { kind: 'frame' }>): void {
  const { type, id } = decoded;
  const about = { type, id };
  if (decoded.kind === 'unknown') {
    connection.send({ type: 'error', ...wireError('UNKNOWN_TYPE', `unknown frame type ${type}`), about });
  } else if (type === 'request' && id !== undefined) {
    connection.requests.refuse(id, wireError('BAD_REQUEST', decoded.reason));
  } else if (type !== 'error') {
    connection.send({ type: 'error', ...wireError('BAD_FRAME', decoded.reason), about });
  }
}

function receiveMessage(connection: Connection, name: string, data: unknown): void {
  const { messages, logger } = connection.context;
  const handler = messages.get(name);
  if (handler === undefined) return;
  guarded(logger, { connectionId: connection.id, name }, 'a message handler failed', () => handler(data, connection));
}
