console.log(process.env.GITLAB_URL);
export {};
