// A calm fact.
MessageLine {
    iconName: "info"
}
