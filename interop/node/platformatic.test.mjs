// @platformatic/kafka (pure JavaScript, newer versions of the protocol) against a broker. It leaves
// markers and aborted records to its user, so kafkajs reads what a transaction has written.
import assert from 'node:assert/strict'
import test from 'node:test'
import clients from './clients.js'
import scenarios from './scenarios.js'
import {
  consumer, copyInTransaction, messagesOf, newTopic, program, readUntil, takeOver, using,
  withAdmin, withProducer, withTransactional, write,
} from './platformatic.mjs'

const { checkCopiedOnce, prepare, processScenarios } = scenarios
const { committed, numbered, unique, valuesOf, waitUntil } = clients
const READ_COMMITTED = false
const READ_UNCOMMITTED = true

// What this Node's zlib lacks, the client has not, either.
const codecs = ['none', 'gzip', 'snappy', 'lz4']
if ((await import('node:zlib')).default.zstdCompressSync) codecs.push('zstd')

for (const compression of codecs) {
  test(`records come back as they were written: ${compression}`, async () => {
    const topic = await newTopic(compression)
    const written = Array.from({ length: 200 }, (_, i) => ({
      topic,
      key: i % 3 === 0 ? undefined : `key-${i}`,
      value: i % 7 === 0 ? undefined : String.fromCharCode(97 + (i % 26)).repeat(200),
      partition: 0,
      timestamp: BigInt(1_700_000_000_000 + i),
      headers: { number: String(i), empty: '' },
    }))
    await withProducer({ compression }, (producer) => producer.send({ messages: written }))
    const messages = await using(consumer(unique('reader')), (client) =>
      readUntil(client, topic, (_, count) => count === written.length))
    assert.deepEqual(messages.map(({ offset }) => Number(offset)), written.map((_, i) => i))
    assert.deepEqual(messages.map((message) => ({
      topic: message.topic,
      key: message.key ?? undefined,
      value: message.value ?? undefined,
      partition: message.partition,
      timestamp: message.timestamp,
      headers: Object.fromEntries(message.headers),
    })), written)
  })
}

test('three members share and take over what one leaves', async () => {
  const topic = await newTopic('shared', 6)
  const group = unique('group')
  const values = []
  const members = []

  async function join() {
    const client = consumer(group, { autocommit: 50 })
    members.push(client)
    const stream = await client.consume({ topics: [topic], mode: 'committed',
      fallbackMode: 'earliest' })
    stream.on('data', ({ value }) => values.push(value))
  }

  const settled = (...sizes) => waitUntil(`the shares are ${sizes}`, () => {
    const shares = members.map(({ assignments }) =>
      (assignments ?? []).flatMap(({ partitions }) => partitions))
    return String(shares.map(({ length }) => length).sort()) === String(sizes) &&
      new Set(shares.flat()).size === 6
  })

  async function writeAndRead(prefix, total, offset) {
    for (let partition = 0; partition < 6; partition++) {
      await write(topic, numbered(`${prefix} ${partition} `, 10), partition)
    }
    await waitUntil(`${total} records are read`, () => values.length >= total)
    await waitUntil('all are committed', () => withAdmin(async (admin) => {
      const [found] = await admin.listConsumerGroupOffsets({ groups: [group] })
      return found.topics.flatMap(({ partitions }) => partitions)
        .filter(({ committedOffset }) => committedOffset === offset).length === 6
    }))
  }

  try {
    for (let i = 0; i < 3; i++) await join()
    await settled(2, 2, 2)
    await writeAndRead('before', 60, 10n)
    await members.shift().close(true)
    await settled(3, 3)
    await writeAndRead('after', 120, 20n)
  } finally {
    for (const client of members) await client.close(true)
  }
  for (let partition = 0; partition < 6; partition++) {
    // Also what a fetch brings that was on its way when the partition changed hands is delivered.
    assert.deepEqual(
      [...new Set(values.filter((value) => value.includes(` ${partition} `)))],
      [...numbered(`before ${partition} `, 10), ...numbered(`after ${partition} `, 10)])
  }
})

const sendIn = (transaction, topic, values) =>
  transaction.send({ messages: messagesOf(topic, values) })

test('commit and abort are seen from both isolation levels', async () => {
  const topic = await newTopic('isolation')
  await withTransactional(unique('id'), async (producer) => {
    for (const [prefix, end] of [['kept ', 'commit'], ['dropped ', 'abort'], ['more ', 'commit']]) {
      const transaction = await producer.beginTransaction()
      await sendIn(transaction, topic, numbered(prefix, 5))
      await transaction[end]()
    }
  })
  const kept = numbered('kept ', 5)
  const more = numbered('more ', 5)
  assert.deepEqual(await valuesOf(topic, READ_COMMITTED), [...kept, ...more])
  assert.deepEqual(
    await valuesOf(topic, READ_UNCOMMITTED), [...kept, ...numbered('dropped ', 5), ...more])
})

test('a zombie producer is fenced', async () => {
  const topic = await newTopic('fenced')
  const id = unique('id')
  await withTransactional(id, (zombie) => withTransactional(id, async (successor) => {
    const lost = await takeOver(zombie)
    await sendIn(lost, topic, numbered('zombie ', 3))
    const kept = await takeOver(successor)
    await sendIn(kept, topic, numbered('successor ', 3))
    await assert.rejects(lost.commit())
    await kept.commit()
  }))
  assert.deepEqual(await valuesOf(topic, READ_COMMITTED), numbered('successor ', 3))
})

test('a transaction that takes too long is aborted', async () => {
  const topic = await newTopic('slow')
  await withTransactional(unique('id'), async (slow) => {
    const transaction = await slow.beginTransaction()
    await sendIn(transaction, topic, numbered('slow ', 3))
    // The last record that the read waits for is shown once the transaction is over.
    assert.deepEqual(await valuesOf(topic, READ_COMMITTED), [])
    await assert.rejects(transaction.commit())
  }, 1500)
  assert.deepEqual(await valuesOf(topic, READ_COMMITTED), [])
})

test("a transaction that fails does not advance the group's offsets", async () => {
  const job = await prepare()
  await assert.rejects(copyInTransaction(job, async () => { throw new Error('on purpose') }))
  assert.equal(await committed(job.group, job.input), -1)
  assert.equal(await copyInTransaction(job), 'committed')
  await checkCopiedOnce(job)
})

processScenarios(program, 'not committed', copyInTransaction)
