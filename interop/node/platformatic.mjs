// Helpers around @platformatic/kafka, and, as a program, the exactly-once scenarios' application.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  Admin, Consumer, MessagesStreamModes, Producer, stringDeserializers, stringSerializers,
} from '@platformatic/kafka'
import applications from './application.js'
import clients from './clients.js'

export const program = fileURLToPath(import.meta.url)

const base = {
  clientId: 'interop', bootstrapBrokers: [process.env.EINMAL_BOOTSTRAP], retryDelay: 50,
}

/** Uses a client and closes it. */
export async function using(client, use) {
  try {
    return await use(client)
  } finally {
    await (client instanceof Admin ? client.close() : client.close(true))
  }
}

export const withAdmin = (use) => using(new Admin(base), use)

export const withProducer = (own, use) => using(new Producer({
  ...base, serializers: stringSerializers, idempotent: true, ...own,
}), use)

/** The timeout is that of the client's requests, too. */
export const withTransactional = (transactionalId, use, timeout = 20_000) =>
  withProducer({ transactionalId, timeout }, use)

/** Takes over the id: by itself the client names producer 0, epoch 0, as if it had been it. */
export const takeOver = (producer) =>
  producer.beginTransaction({ producerId: -1n, producerEpoch: -1 })

export async function newTopic(prefix, partitions = 1) {
  const topic = clients.unique(prefix)
  await withAdmin((admin) => admin.createTopics({ topics: [topic], partitions, replicas: 1 }))
  return topic
}

export const messagesOf = (topic, values, partition = 0) =>
  values.map((value) => ({ topic, value, partition }))

export const write = (topic, values, partition = 0) => withProducer({}, (producer) =>
  producer.send({ messages: messagesOf(topic, values, partition) }))

export const consumer = (groupId, own = {}) => new Consumer({
  ...base, groupId, deserializers: stringDeserializers, autocommit: false, maxWaitTime: 50,
  heartbeatInterval: 300, ...own,
})

/** Reads from the group's offsets on, until `enough` says so of a message. */
export async function readUntil(client, topic, enough) {
  const stream = await client.consume({
    topics: [topic], mode: MessagesStreamModes.COMMITTED, fallbackMode: 'earliest',
  })
  const timer = setTimeout(() => stream.destroy(new Error('the records did not come')),
    clients.DEADLINE_MS)
  const messages = []
  try {
    for await (const message of stream) {
      messages.push(message)
      if (enough(message, messages.length)) break
    }
  } finally {
    clearTimeout(timer)
  }
  return messages
}

/** Copies RECORD_COUNT records in one transaction; gives "committed" or why it could not. */
export function copyInTransaction(job, beforeCommit = async () => {}) {
  const { RECORD_COUNT } = applications
  // A static member, so that a restarted application takes its predecessor's place at once.
  const source = consumer(job.group, { groupInstanceId: 'the-instance' })
  return using(source, () => withTransactional(job.transactionalId, async (producer) => {
    const transaction = await takeOver(producer)
    const messages = await readUntil(source, job.input, (_, count) => count === RECORD_COUNT)
    await transaction.send({
      messages: messagesOf(job.output, messages.map(({ value }) => `copy of ${value}`)),
    })
    await transaction.addConsumer(source)
    await transaction.addOffset(messages.at(-1))
    await beforeCommit()
    try {
      await transaction.commit()
      return 'committed'
    } catch {
      return 'not committed'
    }
  }))
}

if (process.argv[1] === program) {
  const outcome = await copyInTransaction(JSON.parse(process.argv[2]), async () => {
    console.log('ready')
    await once(process.stdin, 'data')
  })
  console.log(outcome)
  process.exit()
}
