import type { GraphQLError } from "graphql";

/** An error as GitLab, whose server is written in Ruby, words it: what this server says, in the other one's terms. */
export function inGitLabsWords(error: GraphQLError): Record<string, unknown> {
  const { message } = error;
  const plain = { message, ...(error.locations && { locations: error.locations }) };
  const field = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(message);
  if (field) {
    const [, fieldName, typeName] = field;
    return {
      ...plain,
      message: `Field '${fieldName ?? ""}' doesn't exist on type '${typeName ?? ""}'`,
      extensions: { code: "undefinedField", typeName, fieldName },
    };
  }
  const argument = /^Unknown argument "(\w+)" on field "(?:\w+\.)?(\w+)"/.exec(message);
  if (argument) {
    const [, argumentName, name] = argument;
    return {
      ...plain,
      message: `Field '${name ?? ""}' doesn't accept argument '${argumentName ?? ""}'`,
      extensions: { code: "argumentNotAccepted", name, typeName: "Field", argumentName },
    };
  }
  const type = /^Unknown type "(\w+)"/.exec(message)?.[1];
  if (type !== undefined) {
    return {
      ...plain,
      message: `No such type ${type}, so it can't be a fragment condition`,
      extensions: { code: "undefinedType", typeName: type },
    };
  }
  const mismatch = /^Variable "\$(\w+)" of type "([^"]+)" used in position expecting type "([^"]+)"/.exec(message);
  if (mismatch) {
    const [, variableName, typeName, expectedType] = mismatch;
    return {
      ...plain,
      message: `Type mismatch on variable $${variableName ?? ""} (${typeName ?? ""} / ${expectedType ?? ""})`,
      extensions: { code: "variableMismatch", variableName, typeName },
    };
  }
  return { ...plain, ...(error.path && { path: error.path }) };
}
