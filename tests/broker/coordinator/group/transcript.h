// Conversations with the group coordinator as text: what is sent after "> ", what is answered
// below.
//
//   > join m1
//   m1: MEMBER_ID_REQUIRED
//   > join m1
//   m1: joined generation 1, leader m1, members m1=range
//
// Commands (names like m1 stand for clients; each remembers its member id and generation):
//   config KEY=VALUE...                      before everything else; keys as in GroupConfig
//   join M [static=ID] [type=T] [protocols=a,b] [metadata=X] [topics=a,b] [session=MS]
//          [rebalance=MS] [version=N] [id=LITERAL]
//   sync M [M=ASSIGNMENT...] [generation=N] [type=T] [protocol=P] [static=ID]
//   heartbeat M [generation=N] [static=ID]
//   leave M | leave M static=ID | leave - static=ID | leave M N... ; [version=N]
//   commit M TOPIC-PARTITION=OFFSET[:METADATA]... [generation=N] [retention=MS] [version=N]
//          M "-": without a member
//   txn-commit PRODUCER M TOPIC-PARTITION=OFFSET... [generation=N] [version=N] [static=ID]
//   end-txn PRODUCER commit|abort
//   fetch TOPIC-PARTITION... | fetch all; [stable]
//   describe [version=N] | list [STATE...] | delete | delete-offsets TOPIC-PARTITION...
//   delete-topic TOPIC | wait MS | restart | unload | fail-append ERROR
// All commands take group=G; the default is "group".
#pragma once

#include <string>
#include <string_view>

namespace tests {

// Runs the commands in `script` and compares the answers with those in it; indentation and empty
// lines do not matter. "" when they are the same, else the conversation as it went from the first
// difference on.
std::string difference(std::string_view script);

}  // namespace tests

#define CHECK_TRANSCRIPT(script) CHECK(tests::difference(script) == "")
