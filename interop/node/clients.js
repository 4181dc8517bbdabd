// Helpers around kafkajs: names, deadlines, reads up to a known last record, and its codecs.
'use strict'

const {
  CompressionTypes, CompressionCodecs, Kafka, logLevel, Partitioners,
} = require('kafkajs')
const lz4 = require('lz4-napi')
const { ZstdCodec } = require('zstd-codec')

const DEADLINE_MS = 20_000 // For whatever should happen at once; never waited for in full.

const zstd = new Promise((resolve) => ZstdCodec.run((api) => resolve(new api.Simple())))
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from((await zstd).compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from((await zstd).decompress(buffer)),
})

const kafka = new Kafka({
  clientId: 'interop',
  brokers: [process.env.EINMAL_BOOTSTRAP],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 30, maxRetryTime: 500, retries: 10 },
})

let count = 0
/** A name that no other test and no other run uses. */
const unique = (prefix) => `${prefix}-${Date.now()}-${process.pid}-${++count}`

const numbered = (prefix, length) => Array.from({ length }, (_, i) => `${prefix}${i}`)

const messagesOf = (values, partition = 0) => values.map((value) => ({ value, partition }))

/** Calls the condition, with pauses, until it holds. */
async function waitUntil(what, condition) {
  for (const end = Date.now() + DEADLINE_MS; !(await condition());) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Connects a client for as long as `use` runs. */
async function connected(client, use) {
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.disconnect()
  }
}

const withAdmin = (use) => connected(kafka.admin(), use)

const withProducer = (use) => connected(kafka.producer({
  idempotent: true, createPartitioner: Partitioners.DefaultPartitioner,
}), use)

const transactional = (transactionalId, transactionTimeout = 60_000) => kafka.producer({
  transactionalId, transactionTimeout, idempotent: true, maxInFlightRequests: 1,
  createPartitioner: Partitioners.DefaultPartitioner,
})

async function newTopic(prefix, numPartitions = 1, configEntries = []) {
  const topic = unique(prefix)
  await withAdmin((admin) => admin.createTopics({
    topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }],
  }))
  return topic
}

const write = (topic, values, partition = 0) => withProducer((producer) =>
  producer.send({ topic, messages: messagesOf(values, partition) }))

const consumer = (groupId, own = {}) => kafka.consumer({
  groupId, maxWaitTimeInMs: 50, heartbeatInterval: 300, ...own,
})

/**
 * All messages that an isolation level shows of a topic's one partition. The client does not tell
 * when it has reached the end, so a last record is written to see it come. Requires: no
 * transaction is open, or it ends meanwhile.
 */
async function read(topic, readUncommitted) {
  const last = unique('last')
  await write(topic, [last])
  const messages = []
  await connected(consumer(unique('reader'), { readUncommitted }), async (client) => {
    await client.subscribe({ topic, fromBeginning: true })
    let seen = false
    await client.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        const value = message.value && message.value.toString()
        if (value === last) seen = true
        else if (value === null || !value.startsWith('last-')) messages.push(message)
      },
    })
    await waitUntil('the last record is read', () => seen)
  })
  return messages
}

const valuesOf = async (topic, readUncommitted) =>
  (await read(topic, readUncommitted)).map((message) => message.value.toString())

/** The group's committed offset of the topic's partition 0; -1 if it has none. */
const committed = (groupId, topic) => withAdmin(async (admin) => {
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const found = partitions.find(({ partition }) => partition === 0)
  return found ? Number(found.offset) : -1
})

module.exports = {
  committed, connected, consumer, DEADLINE_MS, messagesOf, newTopic, numbered, read,
  transactional, unique, valuesOf, waitUntil, withAdmin, withProducer, write,
}
