"""Edge-case payloads: requests that a careful tester would try, each one idea, labelled with what must happen."""
