// kafkajs (pure JavaScript, older versions of the protocol) against a broker.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { CompressionTypes } = require('kafkajs')
const { copyInTransaction, RECORD_COUNT } = require('./application')
const {
  committed, connected, consumer, messagesOf, newTopic, numbered, read, transactional, unique,
  valuesOf, waitUntil, withAdmin, withProducer, write,
} = require('./clients')
const { checkCopiedOnce, prepare, processScenarios } = require('./scenarios')

const READ_COMMITTED = false
const READ_UNCOMMITTED = true

for (const codec of ['None', 'GZIP', 'Snappy', 'LZ4', 'ZSTD']) {
  test(`records come back as they were written: ${codec}`, async () => {
    const topic = await newTopic(codec)
    const written = Array.from({ length: 200 }, (_, i) => ({
      key: i % 3 === 0 ? null : `key-${i}`,
      value: i % 7 === 0 ? null : String.fromCharCode(97 + (i % 26)).repeat(200),
      partition: 0,
      timestamp: String(1_700_000_000_000 + i),
      headers: { number: String(i), twice: ['1', '2'], empty: '' },
    }))
    await withProducer((producer) =>
      producer.send({ topic, messages: written, compression: CompressionTypes[codec] }))
    const text = (bytes) => (bytes === null ? null : bytes.toString())
    const found = (await read(topic, READ_UNCOMMITTED)).map((message) => ({
      key: text(message.key),
      value: text(message.value),
      partition: 0,
      timestamp: message.timestamp,
      headers: {
        number: text(message.headers.number),
        twice: message.headers.twice.map(text),
        empty: text(message.headers.empty),
      },
    }))
    assert.deepEqual(found, written)
  })
}

test('three members share and take over what one leaves', async () => {
  const topic = await newTopic('shared', 6)
  const group = unique('group')
  const values = []
  const members = []

  async function join() {
    const client = consumer(group)
    const member = { client, share: [] }
    client.on(client.events.GROUP_JOIN, ({ payload }) => {
      member.share = payload.memberAssignment[topic] || []
    })
    client.on(client.events.REBALANCING, () => { member.share = [] })
    members.push(member)
    await client.connect()
    await client.subscribe({ topic, fromBeginning: true })
    await client.run({
      eachMessage: async ({ message }) => { values.push(message.value.toString()) },
    })
  }

  const settled = (...sizes) => waitUntil(`the shares are ${sizes}`, () => {
    const found = members.map(({ share }) => share.length).sort()
    const all = new Set(members.flatMap(({ share }) => share))
    return String(found) === String(sizes) && all.size === 6
  })

  async function writeAndRead(prefix, total) {
    await withProducer((producer) => producer.send({
      topic,
      messages: [0, 1, 2, 3, 4, 5].flatMap(
        (partition) => messagesOf(numbered(`${prefix} ${partition} `, 10), partition)),
    }))
    await waitUntil(`${total} records are read`, () => values.length >= total)
  }

  try {
    for (let i = 0; i < 3; i++) await join()
    await settled(2, 2, 2)
    await writeAndRead('before', 60)
    await waitUntil('all are committed', () => withAdmin(async (admin) => {
      const [{ partitions }] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
      return partitions.filter(({ offset }) => offset === '10').length === 6
    }))
    await members.shift().client.disconnect()
    await settled(3, 3)
    await writeAndRead('after', 120)
  } finally {
    for (const { client } of members) await client.disconnect()
  }
  for (let partition = 0; partition < 6; partition++) {
    assert.deepEqual(
      values.filter((value) => value.includes(` ${partition} `)),
      [...numbered(`before ${partition} `, 10), ...numbered(`after ${partition} `, 10)])
  }
})

test('commit and abort are seen from both isolation levels', async () => {
  const topic = await newTopic('isolation')
  await connected(transactional(unique('id')), async (producer) => {
    for (const [prefix, end] of [['kept ', 'commit'], ['dropped ', 'abort'], ['more ', 'commit']]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: messagesOf(numbered(prefix, 5)) })
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
  await connected(transactional(id), (zombie) => connected(transactional(id), async (successor) => {
    const lost = await zombie.transaction()
    await lost.send({ topic, messages: messagesOf(numbered('zombie ', 3)) })
    const kept = await successor.transaction()
    await kept.send({ topic, messages: messagesOf(numbered('successor ', 3)) })
    await assert.rejects(lost.commit(), { type: 'INVALID_PRODUCER_EPOCH' })
    await kept.commit()
  }))
  assert.deepEqual(await valuesOf(topic, READ_COMMITTED), numbered('successor ', 3))
})

test('a transaction that takes too long is aborted', async () => {
  const topic = await newTopic('slow')
  await connected(transactional(unique('id'), 1000), async (slow) => {
    const transaction = await slow.transaction()
    await transaction.send({ topic, messages: messagesOf(numbered('slow ', 3)) })
    // The last record that the read waits for is shown once the transaction is over.
    assert.deepEqual(await valuesOf(topic, READ_COMMITTED), [])
    await assert.rejects(transaction.commit())
  })
  assert.deepEqual(await valuesOf(topic, READ_COMMITTED), [])
  assert.deepEqual(await valuesOf(topic, READ_UNCOMMITTED), numbered('slow ', 3))
})

test("a transaction that fails does not advance the group's offsets", async () => {
  const job = await prepare()
  await connected(transactional(job.transactionalId), async (producer) => {
    const transaction = await producer.transaction()
    await transaction.send({
      topic: job.output, messages: messagesOf(numbered('copy of ', RECORD_COUNT)),
    })
    await transaction.sendOffsets({
      consumerGroupId: job.group,
      topics: [{
        topic: job.input, partitions: [{ partition: 0, offset: String(RECORD_COUNT) }],
      }],
    })
    await transaction.abort()
  })
  assert.equal(await committed(job.group, job.input), -1)
  assert.deepEqual(await valuesOf(job.output, READ_COMMITTED), [])
  assert.equal(await copyInTransaction(job), 'committed')
  await checkCopiedOnce(job)
})

processScenarios(undefined, 'INVALID_PRODUCER_EPOCH', copyInTransaction)

test('the admin client describes and deletes', async () => {
  const topic = await newTopic('administered', 2, [{ name: 'retention.ms', value: '12345' }])
  await write(topic, numbered('', 10))
  await withAdmin(async (admin) => {
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] })
    assert.equal(metadata.topics[0].partitions.length, 2)
    const { brokers } = await admin.describeCluster()
    assert.deepEqual(brokers.map(({ host, port }) => `${host}:${port}`),
      [process.env.EINMAL_BOOTSTRAP])
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }],
    })
    assert.deepEqual(resources[0].configEntries.map(({ configName, configValue }) =>
      [configName, configValue]), [['retention.ms', '12345']])
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
    const offsets = await admin.fetchTopicOffsets(topic)
    const { low, high } = offsets.find(({ partition }) => partition === 0)
    assert.deepEqual([low, high], ['6', '10'])
    await admin.deleteTopics({ topics: [topic] })
    assert.ok(!(await admin.listTopics()).includes(topic))
  })
})
