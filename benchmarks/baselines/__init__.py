"""What others would write: the contenders that the compiled mapping is measured against, with identical output."""
