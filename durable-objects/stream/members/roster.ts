// The members of a stream, with a list of consumers for each type that was asked for.
import { waitingBytes } from "../../../connection/backlog.ts";
import { PRESENCE_TYPE } from "../../../protocol/message-type.ts";
import type { Member, MemberSocket } from "./member.ts";

const TYPES_REMEMBERED = 256;

export class Roster {
  readonly #members = new Map<MemberSocket, Member>();
  /** Sockets that we closed and that are not gone yet: what waits for them still fills memory. */
  readonly #departing = new Set<MemberSocket>();
  /** Those that asked to be told who comes and goes; few, so that nobody looks through all at each coming. */
  readonly #watchers = new Set<Member>();
  /** Made on demand and thrown away with every change, so that a message costs one look-up. */
  readonly #consumersByType = new Map<string, readonly Member[]>();

  get size(): number {
    return this.#members.size;
  }

  /** Members, and who was told to go and has not read all: who comes, stalls and comes again would fill memory. */
  get places(): number {
    let places = this.#members.size;
    for (const socket of this.#departing) if (waitingBytes(socket) > 0) places += 1;
    return places;
  }

  /** The members at this moment; adding or removing some does not change the list. */
  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  find(socket: MemberSocket): Member | undefined {
    return this.#members.get(socket);
  }

  has(member: Member): boolean {
    return this.#members.get(member.socket) === member;
  }

  add(member: Member): void {
    this.#members.set(member.socket, member);
    this.registrationChanged(member);
  }

  /** No member any more; its socket counts until `forget`. */
  remove(member: Member): void {
    this.#members.delete(member.socket);
    this.#departing.add(member.socket);
    this.registrationChanged(member);
  }

  /** A socket that was closed before the object slept. */
  addDeparting(socket: MemberSocket): void {
    this.#departing.add(socket);
  }

  /** The socket is gone. */
  forget(socket: MemberSocket): void {
    this.#departing.delete(socket);
    const member = this.#members.get(socket);
    if (member === undefined) return;
    this.#members.delete(socket);
    this.registrationChanged(member);
  }

  /** Bytes that wait for all sockets together, those included that we closed. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const socket of this.#members.keys()) bytes += waitingBytes(socket);
    for (const socket of this.#departing) bytes += waitingBytes(socket);
    return bytes;
  }

  /** A member declared something else, or is a member no more. */
  registrationChanged(member: Member): void {
    this.#consumersByType.clear();
    if (this.has(member) && member.consumes(PRESENCE_TYPE)) this.#watchers.add(member);
    else this.#watchers.delete(member);
  }

  /** Who named `presence`, whether or not he may know. */
  get watchers(): readonly Member[] {
    return [...this.#watchers];
  }

  consumersOf(type: string): readonly Member[] {
    const known = this.#consumersByType.get(type);
    if (known !== undefined) return known;
    const consumers = this.members.filter((member) => member.consumes(type));
    // Who may produce any type may make up one for each message.
    if (this.#consumersByType.size >= TYPES_REMEMBERED) this.#consumersByType.clear();
    this.#consumersByType.set(type, consumers);
    return consumers;
  }
}
