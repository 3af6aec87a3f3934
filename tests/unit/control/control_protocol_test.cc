// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/control/control_protocol.h"

#include <gtest/gtest.h>

#include "apps/control/rate_limit.h"

namespace ward {
namespace {

TEST(ControlProtocol, RequestsComeThere) {
  for (const Order order : {Order::status, Order::reload}) {
    const auto parsed = parse_request(format_request(order));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, order);
  }
}

TEST(ControlProtocol, RefusesEverythingElse) {
  for (const char* text : {"", "null", "[]", "{}", "{\"request\":1}", "{\"request\":\"\"}", "{\"request\":\"Status\"}",
                           "{\"request\":\"status\",\"more\":1}", "{\"request\":\"status\"} x", "{\"request\":\"sta"}) {
    EXPECT_FALSE(parse_request(text)) << text;
  }
}

TEST(FrameCollector, PutsPiecesTogether) {
  const std::string whole = frame("hello");
  FrameCollector collector(100);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_FALSE(collector.complete());
    ASSERT_TRUE(collector.add(whole.substr(i, 1)));
  }
  ASSERT_TRUE(collector.complete());
  EXPECT_EQ(*collector.complete(), "hello");
  EXPECT_FALSE(collector.add("x")) << "one request a connection";
}

TEST(FrameCollector, RefusesWhatIsTooLongAtItsLength) {
  FrameCollector collector(5);
  EXPECT_FALSE(collector.add(frame("123456").substr(0, 4)));
  FrameCollector flooded(5);
  EXPECT_FALSE(flooded.add(std::string(100, '\0')));
  FrameCollector empty(5);
  EXPECT_TRUE(empty.add(frame("")));
  EXPECT_EQ(empty.complete(), "");
}

TEST(RateLimit, GivesABurstAndThenItsRate) {
  RateLimit limit(2, 3);
  MonotonicTime now{std::chrono::hours(1)};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.take(now));
  EXPECT_FALSE(limit.take(now));
  now += std::chrono::milliseconds(500);
  EXPECT_TRUE(limit.take(now));
  EXPECT_FALSE(limit.take(now));
  now += std::chrono::hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.take(now));
  EXPECT_FALSE(limit.take(now)) << "more than a burst was saved up";
}

}  // namespace
}  // namespace ward
